package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"

	certutil "k8s.io/client-go/util/cert"
)

const (
	certificateFile    = "tls.crt"
	privateKeyFile     = "tls.key"
	adminTokenFile     = "token"
	tokensFile         = "tokens.csv"
	internalKubeconfig = "internal.kubeconfig"
	adminKubeconfig    = "admin.kubeconfig"
	clusterName        = "sluice-local"
	adminUser          = "sluice-local-admin"
	tokenBytes         = 24
)

// folder is the state of one control plane. Whoever starts on it again gets the same keys, tokens and objects.
type folder string

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

type keys struct {
	certificate []byte
	adminToken  string
}

// prepareKeys makes what an earlier run has not left. The self-signed certificate is also the CA of the kubeconfigs;
// its key signs ServiceAccount tokens, so these stay valid as long as the folder lives.
func prepareKeys(data folder) keys {
	if _, err := os.Stat(data.file(privateKeyFile)); err != nil {
		certificate, key, err := certutil.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{{127, 0, 0, 1}}, []string{"localhost"})
		must("certificate", err)
		writeFile(data.file(certificateFile), certificate)
		writeFile(data.file(privateKeyFile), key)
	}
	certificate, err := os.ReadFile(data.file(certificateFile))
	must("certificate", err)
	token := adminToken(data)
	writeFile(data.file(tokensFile), []byte(token+","+adminUser+","+adminUser+",system:masters\n"))
	return keys{certificate: certificate, adminToken: token}
}

func adminToken(data folder) string {
	if token, err := os.ReadFile(data.file(adminTokenFile)); err == nil {
		return string(token)
	}
	random := make([]byte, tokenBytes)
	_, _ = rand.Read(random) // never fails since Go 1.24
	token := hex.EncodeToString(random)
	writeFile(data.file(adminTokenFile), []byte(token))
	return token
}

// kubeconfig is JSON, which is YAML too.
func kubeconfig(server string, k keys) []byte {
	type m = map[string]any
	text, err := json.MarshalIndent(m{
		"apiVersion": "v1", "kind": "Config", "current-context": clusterName,
		"clusters": []m{{"name": clusterName, "cluster": m{"server": server, "certificate-authority-data": k.certificate}}},
		"users":    []m{{"name": adminUser, "user": m{"token": k.adminToken}}},
		"contexts": []m{{"name": clusterName, "context": m{"cluster": clusterName, "user": adminUser}}},
	}, "", "  ")
	must("kubeconfig", err)
	return append(text, '\n')
}

// writeFile replaces a file at once: a reader sees the old or the new one, never half of it.
func writeFile(path string, content []byte) {
	must(path, os.WriteFile(path+".tmp", content, 0o600))
	must(path, os.Rename(path+".tmp", path))
}
