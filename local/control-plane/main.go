// A Kubernetes control plane in one process, for a laptop and for tests: embedded etcd, kube-apiserver,
// kube-controller-manager and kube-scheduler, unmodified. There is no kubelet: see local/nodes.
// Called as "kubectl" (a link to the binary) it is kubectl.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"
)

const (
	readyTimeout = time.Minute
	// Parts that do not end in this time are left behind by exiting: a control plane must never outlive its owner.
	stopTimeout   = 20 * time.Second
	exitUsage     = 2
	exitStuck     = 3
	exitPartEnded = 1
)

func main() {
	began := time.Now()
	dir := flag.String("data-dir", "", "state folder (required; created with mode 0700)")
	port := flag.Int("port", 0, "API port on 127.0.0.1 (0: any free one)")
	withStdin := flag.Bool("exit-with-stdin", false, "stop when standard input closes, so that it dies with its parent")
	showVersion := flag.Bool("version", false, "print the Kubernetes version")
	var apiFlags repeated
	flag.Var(&apiFlags, "apiserver-arg", "a further kube-apiserver flag; repeatable")
	flag.Parse()
	if *showVersion {
		fmt.Println(version.Get().GitVersion)
		return
	}
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(exitUsage)
	}
	root, err := filepath.Abs(*dir)
	must("data folder", err)
	must("data folder", os.MkdirAll(root, 0o700))
	data := folder(root)
	rest.SetDefaultWarningHandler(rest.NoWarnings{})

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if *withStdin {
		go func() { _, _ = os.Stdin.Read(make([]byte, 1)); cancel() }()
	}

	keys := prepareKeys(data)
	store := startEtcd(data)
	api := startAPIServer(data, store.address, *port, apiFlags)
	writeFile(data.file(internalKubeconfig), kubeconfig(api.server, keys))
	clients := connect(data.file(internalKubeconfig))
	api.waitUntil(stop, clients.apiIsReady)
	workers := startWorkers(data)
	api.waitUntil(stop, clients.podsCanBeCreated)

	// The admin's kubeconfig appears only now: who finds it can use it.
	writeFile(data.file(adminKubeconfig), kubeconfig(api.server, keys))
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"ready": true, "server": api.server, "kubeconfig": data.file(adminKubeconfig),
		"version": version.Get().GitVersion, "pid": os.Getpid(), "readyMs": time.Since(began).Milliseconds(),
	})

	code := 0
	select {
	case <-stop.Done():
	case name := <-workers.ended:
		workers.running--
		code = report(name)
	case <-api.ended:
		code = report("kube-apiserver")
	case err := <-store.failed():
		code = report(fmt.Sprintf("etcd (%v)", err))
	}
	time.AfterFunc(stopTimeout, func() { os.Exit(exitStuck) })
	workers.stop()
	api.stop()
	store.stop()
	klog.Flush()
	os.Exit(code)
}

func report(part string) int {
	klog.Errorf("%s ended early", part)
	return exitPartEnded
}

func must(what string, err error) {
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "control plane: %s: %v\n", what, err)
	klog.Flush()
	os.Exit(1)
}
