package lambda

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// extensionGrace is what Lambda gives extensions at the end.
const extensionGrace = 2 * time.Second

// hidden are variables of the function that its extensions do not get.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
var hidden = []string{
	"AWS_XRAY_DAEMON_ADDRESS=", "AWS_XRAY_CONTEXT_MISSING=", "AWS_LAMBDA_LOG_GROUP_NAME=", "AWS_LAMBDA_LOG_STREAM_NAME=",
	"LAMBDA_TASK_ROOT=", "_HANDLER=",
}

// startExtensions starts the extensions, and waits until each has asked for its first
// event: the function starts after that.
func (e *environment) startExtensions(ctx context.Context, p *Platform) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.InitTimeout, fmt.Errorf("initialization took longer than %v", p.InitTimeout))
	defer cancel()
	for _, path := range p.Extensions {
		cmd := exec.Command(path)
		cmd.Env = p.env[:len(p.env):len(p.env)]
		for _, kv := range e.runtime.Env() {
			if !hides(kv) {
				cmd.Env = append(cmd.Env, kv)
			}
		}
		cmd.Stdout, cmd.Stderr = e.log, e.log
		proc, err := StartProcess(cmd)
		if err != nil {
			return fmt.Errorf("start the extension %s: %w", path, err)
		}
		e.extensions = append(e.extensions, proc)
		go func() {
			select {
			case <-proc.done:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	if err := e.runtime.WaitExtensions(ctx, len(p.Extensions)); err != nil {
		return fmt.Errorf("an extension does not register and ask for events, or is gone: %w", err)
	}
	return nil
}

func hides(kv string) bool {
	if runtime.GOOS != "linux" && strings.HasPrefix(kv, hidden[0]) {
		return false // elsewhere a process cannot read it from the function's environment
	}
	for _, key := range hidden {
		if strings.HasPrefix(kv, key) {
			return true
		}
	}
	return false
}

// endExtensions tells the extensions that the environment ends, and why; those that are
// there after their time are killed.
func (e *environment) endExtensions(reason string) {
	if len(e.extensions) == 0 {
		return
	}
	for _, x := range e.extensions {
		x.thaw()
	}
	e.runtime.Shutdown(reason)
	timer := time.NewTimer(extensionGrace)
	defer timer.Stop()
	for _, x := range e.extensions {
		select {
		case <-x.done:
		case <-timer.C:
			timer.Reset(0) // for the next one
			x.Kill()
		}
	}
}

// freeze stops the environment between two invocations.
func (e *environment) freeze() {
	e.process.freeze()
	for _, x := range e.extensions {
		x.freeze()
	}
}

func (e *environment) thaw() {
	for _, x := range e.extensions {
		x.thaw()
	}
	e.process.thaw()
}
