package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// collectors starts Collector processes.
type collectors struct {
	binary  string
	verbose bool
}

// process is a Collector that runs.
type process struct {
	config string
	otlp   string // address it listens on
	cmd    *exec.Cmd
	log    logBuffer
	exited chan error
}

// start runs the Collector with a configuration and waits until it takes spans.
// The settings are the environment variables that the configuration refers to.
func (c *collectors) start(ctx context.Context, config string, settings map[string]string) (*process, error) {
	address, err := settings["OTLP_ENDPOINT"], error(nil)
	if address == "" {
		address, err = freeAddress()
	}
	if err != nil {
		return nil, err
	}
	health, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &process{config: config, otlp: address, exited: make(chan error, 1)}
	p.cmd = exec.Command(c.binary, "--config", config)
	// Credentials are never checked by the fake, but there have to be some; the
	// machine's own stay out of this.
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"OTLP_ENDPOINT=" + address, "HEALTH_ENDPOINT=" + health,
	}
	for k, v := range settings {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if c.verbose {
		p.cmd.Stdout, p.cmd.Stderr = os.Stderr, os.Stderr
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.exited <- p.cmd.Wait() }()
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// ready waits until the process accepts connections.
func (p *process) ready(ctx context.Context) error {
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "tcp", p.otlp)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-p.exited:
			p.exited <- err
			return fmt.Errorf("the Collector with %s ended: %v\n%s", p.config, err, p.log.String())
		case <-ctx.Done():
			return fmt.Errorf("the Collector with %s does not listen on %s: %w", p.config, p.otlp, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks the Collector to end and waits for it.
func (p *process) stop() error { return p.end(syscall.SIGTERM) }

// kill ends the Collector as a crash would; one that has ended stays so.
func (p *process) kill() { _ = p.end(syscall.SIGKILL) } // the error is that it was killed

func (p *process) end(s syscall.Signal) error {
	if p.cmd.Process.Signal(s) != nil { // it has ended already
		return nil
	}
	select {
	case err := <-p.exited:
		return err
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.exited
		return fmt.Errorf("the Collector with %s did not end within 15 s", p.config)
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// logBuffer is what a process has logged so far.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
