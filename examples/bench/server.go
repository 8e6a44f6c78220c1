package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// server is a program that takes OTLP and writes documents to a daemon.
type server struct {
	impl  string
	path  string
	args  []string
	env   func(s *running) []string
	ready func(ctx context.Context, s *running) error
}

// running is a server that runs, with what it needs around it.
type running struct {
	server
	cmd        *exec.Cmd
	log        strings.Builder // to be read once it is stopped
	daemon     *daemon
	runtime    *xraytest.Runtime
	http, grpc string        // where it listens
	startup    time.Duration // from exec to ready
}

// extensionServer is the extension at path. It is ready when the function may start:
// it has registered and asked for its first event.
func extensionServer(path string) server {
	return server{
		impl: extension,
		path: path,
		env: func(s *running) []string {
			return []string{
				"AWS_LAMBDA_RUNTIME_API=" + s.runtime.Addr(), "AWS_LAMBDA_FUNCTION_NAME=orders", "AWS_REGION=eu-west-1",
				"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
				"LAMBDAXRAY_DAEMON_ADDRESS=" + s.daemon.address(), "LAMBDAXRAY_OTLP_HTTP=" + s.http, "LAMBDAXRAY_OTLP_GRPC=" + s.grpc,
			}
		},
		ready: func(ctx context.Context, s *running) error { return s.runtime.WaitExtensions(ctx, 1) },
	}
}

// collectorServer is a Collector, with or without the exporter's queue. It is ready
// when its last port takes a connection.
func collectorServer(impl string, c collector, queue bool) server {
	return server{
		impl: impl,
		path: c.path,
		args: []string{"--config", c.config},
		env: func(s *running) []string {
			return []string{"OTLP_HTTP=" + s.http, "OTLP_GRPC=" + s.grpc, "DAEMON=" + s.daemon.address(), fmt.Sprintf("QUEUE=%t", queue), "AWS_REGION=eu-west-1"}
		},
		ready: func(ctx context.Context, s *running) error {
			for {
				conn, err := net.Dial("tcp", s.http)
				if err == nil {
					return conn.Close()
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(200 * time.Microsecond):
				}
			}
		},
	}
}

// start runs the server and waits until it is ready.
func (s server) start(ctx context.Context) (_ *running, err error) {
	r := &running{server: s, cmd: exec.Command(s.path, s.args...)}
	defer func() {
		if err != nil {
			r.stop()
			err = fmt.Errorf("%s: %w\n%s", s.impl, err, &r.log)
		}
	}()
	if r.daemon, err = startDaemon(); err != nil {
		return nil, err
	}
	if r.runtime, err = xraytest.StartRuntime("127.0.0.1:0", xraytest.Function{Name: "orders"}); err != nil {
		return nil, err
	}
	for _, address := range []*string{&r.http, &r.grpc} {
		l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
		if err != nil {
			return nil, err
		}
		*address = l.Addr().String()
		l.Close()
	}
	r.cmd.Env = s.env(r)
	r.cmd.Stdout, r.cmd.Stderr = &r.log, &r.log
	begin := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx, r); err != nil {
		return nil, err
	}
	r.startup = time.Since(begin)
	return r, nil
}

// stop ends the server. It returns the processor time of all its threads.
func (r *running) stop() (cpu time.Duration) {
	if r.cmd.Process != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait() // killed
		cpu = r.cmd.ProcessState.UserTime() + r.cmd.ProcessState.SystemTime()
	}
	if r.runtime != nil {
		r.runtime.Close()
	}
	if r.daemon != nil {
		r.daemon.conn.Close()
	}
	return cpu
}

// daemon counts documents. A real one would do more with them, which is nobody's
// latency here.
type daemon struct {
	conn *net.UDPConn
	n    atomic.Int64
}

func startDaemon() (*daemon, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(4 << 20) // a smaller one may lose documents, which is seen
	d := &daemon{conn: conn}
	go d.count() // ends when conn is closed
	return d, nil
}

func (d *daemon) count() {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := d.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if header, _, ok := bytes.Cut(buf[:n], []byte("}\n{")); ok && bytes.HasPrefix(header, []byte(`{"format"`)) {
			d.n.Add(1)
		}
	}
}

func (d *daemon) address() string { return d.conn.LocalAddr().String() }

// wait waits until n documents have come.
func (d *daemon) wait(ctx context.Context, n int) error {
	for d.n.Load() < int64(n) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d documents of %d have come", d.n.Load(), n)
		case <-time.After(time.Millisecond):
		}
	}
	if got := d.n.Load(); got > int64(n) {
		return fmt.Errorf("%d documents of %d requests", got, n)
	}
	return nil
}
