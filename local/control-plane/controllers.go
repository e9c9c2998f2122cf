package main

import (
	"context"
	"strings"

	"k8s.io/klog/v2"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	manageroptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// controllers that a release meets. Left out: node life cycle (nodes never fail here), volumes, autoscaling.
var controllers = []string{
	"deployment-controller", "replicaset-controller", "statefulset-controller", "daemonset-controller",
	"job-controller", "cronjob-controller", "ttl-after-finished-controller",
	"endpointslice-controller", "serviceaccount-controller", "namespace-controller", "garbage-collector-controller",
	"root-ca-certificate-publisher-controller", "pod-garbage-collector-controller", "disruption-controller",
	"resourcequota-controller", "clusterrole-aggregation-controller", "validatingadmissionpolicy-status-controller",
}

// workers are the two parts that act on the API server's objects.
type workers struct {
	ended   chan string
	running int
	cancel  context.CancelFunc
}

func startWorkers(data folder) *workers {
	ctx, cancel := context.WithCancel(context.Background())
	w := &workers{ended: make(chan string, 2), cancel: cancel}
	w.start("kube-controller-manager", func() error { return runManager(ctx, data) })
	w.start("kube-scheduler", func() error { return runScheduler(ctx, data) })
	return w
}

func (w *workers) start(name string, run func() error) {
	w.running++
	go func() {
		klog.Infof("%s: %v", name, run())
		w.ended <- name
	}()
}

func (w *workers) stop() {
	w.cancel()
	for ; w.running > 0; w.running-- {
		<-w.ended
	}
}

func runManager(ctx context.Context, data folder) error {
	o, err := manageroptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	known, disabled, aliases := manager.KnownControllers(), manager.ControllersDisabledByDefault(), manager.ControllerAliases()
	parseFlags("kube-controller-manager", o.Flags(known, disabled, aliases), []string{
		"--kubeconfig=" + data.file(internalKubeconfig), "--leader-elect=false", "--secure-port=0",
		"--service-account-private-key-file=" + data.file(privateKeyFile), "--root-ca-file=" + data.file(certificateFile),
		"--controllers=" + strings.Join(controllers, ","), "--kube-api-qps=500", "--kube-api-burst=1000",
	})
	config, err := o.Config(ctx, known, disabled, aliases)
	if err != nil {
		return err
	}
	return manager.Run(ctx, config.Complete())
}

func runScheduler(ctx context.Context, data folder) error {
	o := scheduleroptions.NewOptions()
	parseFlags("kube-scheduler", *o.Flags, []string{
		"--kubeconfig=" + data.file(internalKubeconfig), "--leader-elect=false", "--secure-port=0",
	})
	config, s, err := scheduler.Setup(ctx, o)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, s)
}
