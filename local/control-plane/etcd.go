package main

import (
	"net/url"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
)

const (
	// A socket path holds 107 bytes on Linux and 103 on macOS; the longest name put behind the folder is 10.
	longestSocketFolder = 90
	walSegmentBytes     = 4 << 20
	tickMs              = 10
	electionMs          = 100
)

type etcd struct {
	server  *embed.Etcd
	address string
	sockets string
	data    folder
}

// startEtcd runs one member on unix sockets: no port to clash, and nobody else on the machine can reach it.
// Writes are not flushed to the disk: a killed process loses nothing, a machine that loses its power may.
func startEtcd(data folder) *etcd {
	sockets := string(data)
	if len(sockets) > longestSocketFolder {
		short, err := os.MkdirTemp("", "sluice-")
		must("socket folder", err)
		sockets = short
	}
	client := url.URL{Scheme: "unix", Path: filepath.Join(sockets, "etcd.sock")}
	peer := url.URL{Scheme: "unix", Path: filepath.Join(sockets, "peer.sock")}
	config := embed.NewConfig()
	config.Dir = data.file("etcd")
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	config.TickMs, config.ElectionMs = tickMs, electionMs // one member: elect at once
	wal.SegmentSizeBytes = walSegmentBytes                // not 2 x 64 MB for each cluster
	// etcd refuses unix addresses as advertised ones; the defaults (localhost:2379, 2380) are mere labels here.
	config.ListenClientUrls, config.ListenPeerUrls = []url.URL{client}, []url.URL{peer}
	server, err := embed.StartEtcd(config)
	must("etcd", err)
	<-server.Server.ReadyNotify()
	return &etcd{server: server, address: client.String(), sockets: sockets, data: data}
}

func (e *etcd) failed() <-chan error { return e.server.Err() }

func (e *etcd) stop() {
	e.server.Close()
	if e.sockets != string(e.data) {
		_ = os.RemoveAll(e.sockets)
	}
}
