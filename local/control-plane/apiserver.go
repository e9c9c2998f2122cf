package main

import (
	"context"
	"fmt"
	"net"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const pollEvery = 50 * time.Millisecond

type apiServer struct {
	server string
	ended  chan struct{}
	cancel context.CancelFunc
}

// startAPIServer runs kube-apiserver below its cobra command: that one would install a signal handler of its own.
func startAPIServer(data folder, etcdAddress string, port int, further []string) *apiServer {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	must("API port", err)
	address := listener.Addr().(*net.TCPAddr)
	key := data.file(privateKeyFile)
	serverOptions := options.NewServerRunOptions()
	parseFlags("kube-apiserver", serverOptions.Flags(), append([]string{
		"--etcd-servers=" + etcdAddress,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", address.Port),
		"--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none", // works without a default route
		"--tls-cert-file=" + data.file(certificateFile), "--tls-private-key-file=" + key,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key, "--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--token-auth-file=" + data.file(tokensFile), "--authorization-mode=RBAC",
		"--kubelet-preferred-address-types=InternalIP",
		"--shutdown-watch-termination-grace-period=1s", // else one open watch holds the exit for a minute
	}, further...))
	serverOptions.SecureServing.Listener = listener
	must("kube-apiserver", serverOptions.GenericServerRunOptions.ComponentGlobalsRegistry.Set())

	running, cancel := context.WithCancel(context.Background())
	completed, err := serverOptions.Complete(running)
	must("kube-apiserver", err)
	for _, problem := range completed.Validate() {
		must("kube-apiserver", problem)
	}
	s := &apiServer{server: "https://" + address.String(), ended: make(chan struct{}), cancel: cancel}
	go func() {
		klog.Infof("kube-apiserver: %v", app.Run(running, completed))
		close(s.ended)
	}()
	return s
}

// waitUntil polls until the condition holds; the process ends when the API server does, or when it is told to stop.
func (s *apiServer) waitUntil(stop context.Context, condition func(context.Context) bool) {
	must("start", wait.PollUntilContextTimeout(stop, pollEvery, readyTimeout, true, func(ctx context.Context) (bool, error) {
		select {
		case <-s.ended:
			return false, fmt.Errorf("kube-apiserver ended")
		default:
			return condition(ctx), nil
		}
	}))
}

func (s *apiServer) stop() {
	s.cancel()
	<-s.ended
}

type clients struct{ kubernetes.Interface }

func connect(kubeconfigPath string) clients {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfigPath)
	must("kubeconfig", err)
	set, err := kubernetes.NewForConfig(config)
	must("client", err)
	return clients{set}
}

func (c clients) apiIsReady(ctx context.Context) bool {
	return c.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil
}

// podsCanBeCreated: admission wants the default ServiceAccount, which a controller makes.
func (c clients) podsCanBeCreated(ctx context.Context) bool {
	_, err := c.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
	return err == nil
}
