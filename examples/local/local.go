package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// local is all that runs here, and where it prints.
type local struct {
	options
	progress
	stdout   io.Writer
	xray     *localXRay
	platform atomic.Pointer[lambda.Platform] // nil: there is no function, or not yet
	stubs    *stubs                          // nil: the command is the user's
	node     *nodeFunction                   // nil: it is not asked for
	logs     func(line string)               // takes the functions' output; may be nil
	undo     []func() error
}

func (o options) run(ctx context.Context, stdout, stderr *os.File) (err error) {
	l := &local{options: o, stdout: stdout}
	l.progress = progress{style: styleFor(stderr), out: stderr}
	l.rewrite = l.color && !o.showLogs
	event, err := o.event()
	if err != nil {
		return err
	}
	var listener net.Listener
	if !o.once { // before the scenarios run: they take a while
		if listener, err = net.Listen("tcp", o.addr); err != nil {
			return fmt.Errorf("serve: %w (choose another address with -addr)", err)
		}
		defer listener.Close()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		cancel() // ends what runs in the background
		err = errors.Join(err, l.end())
	}()
	reading := func(n int) { fmt.Fprintf(stderr, "\r  read %d documents of %s", n, clean(o.data)) }
	if !l.rewrite {
		reading = nil
	}
	if l.xray, err = startXRay(o, reading); err != nil {
		return err
	}
	l.undo = append(l.undo, l.xray.close)
	printer := &printer{style: styleFor(stdout), out: stdout, xray: l.xray}
	var served chan error
	if listener != nil {
		served = l.serve(ctx, listener, printer)
	}
	if l.function() {
		if err := l.start(ctx, stderr); err != nil {
			return err
		}
		if err := l.play(ctx, printer, event); err != nil {
			return err
		}
	}
	if o.once {
		return nil
	}
	l.explain(listener.Addr().String())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return nil // what was wrong with documents, the page has said
	}
}

// end stops everything, what started last first.
func (l *local) end() error {
	var errs []error
	for _, undo := range slices.Backward(l.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}

// start builds the function if it is the example, and makes its platform.
func (l *local) start(ctx context.Context, stderr io.Writer) (err error) {
	name, command, env := "orders", l.command, []string{"PATH=" + os.Getenv("PATH")}
	if len(command) == 0 {
		if l.stubs, err = startStubs(); err != nil {
			return err
		}
		l.undo = append(l.undo, l.stubs.close)
		env = append(env, l.stubs.env()...)
		dir, err := os.MkdirTemp("", "lambdaxray-local-")
		if err != nil {
			return err
		}
		l.undo = append(l.undo, func() error { return os.RemoveAll(dir) })
		source := "examples/function"
		if l.sdk {
			source = "examples/migrate/function"
		}
		done := l.step("build " + source + " (half a minute the first time)")
		bootstrap, err := buildFunction(ctx, dir, l.sdk)
		done(err)
		if err != nil {
			return err
		}
		command = []string{bootstrap}
		if l.wantNode && !l.sdk && !l.listen && l.options.invoke == "" {
			nodeCtx, cancel := context.WithCancel(ctx)
			node := startNode(nodeCtx, dir)
			l.node = node
			l.undo = append(l.undo, func() error { cancel(); <-node.ready; return nil })
		}
	} else {
		if _, err := exec.LookPath(command[0]); err != nil {
			return fmt.Errorf("%w (give the path of an executable, as in: local -- ./bootstrap)", err)
		}
		name = strings.TrimSuffix(filepath.Base(command[0]), filepath.Ext(command[0]))
		env = os.Environ()
	}
	fn := xraytest.Function{Name: cmp.Or(l.name, name), Timeout: l.timeout, DaemonAddress: l.xray.daemon.Addr()}
	if l.showLogs {
		l.logs = func(line string) { fmt.Fprintf(stderr, "  │ %s\n", clean(line)) }
	}
	platform := lambda.New(fn, command, env, l.xray, l.logs)
	platform.Extensions = l.extensions
	l.platform.Store(platform)
	l.undo = append(l.undo, func() error { platform.Close(); return nil })
	if !l.once {
		go watch(ctx, command[0], func() {
			l.xray.store.Reloaded(time.Now())
			platform.Retire(ctx)
			l.say("%s has changed: the next invocation starts it anew", clean(command[0]))
		})
	}
	return nil
}

// event reads the event of -invoke; a function that is not the example has
// no other scenario, and gets {}.
func (o options) event() ([]byte, error) {
	switch o.invoke {
	case "":
		if len(o.command) > 0 && o.once {
			return []byte("{}"), nil
		}
		return nil, nil
	}
	var b []byte
	var err error
	if o.invoke == "-" {
		b, err = io.ReadAll(os.Stdin)
	} else {
		b, err = os.ReadFile(o.invoke)
	}
	if err != nil {
		return nil, fmt.Errorf("-invoke: %w", err)
	}
	var event json.RawMessage
	if err := json.Unmarshal(b, &event); err != nil {
		return nil, fmt.Errorf("-invoke %s: an event is JSON: %w", o.invoke, err)
	}
	return b, nil
}

// play runs the scenarios, or the user's event, and prints what came of them.
func (l *local) play(ctx context.Context, out *printer, event []byte) error {
	list := scenarios
	switch {
	case event != nil:
		list = []scenario{{
			title: "Your event",
			run: func(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
				return p.Call(ctx, lambda.Request{Payload: event})
			},
		}}
	case l.stubs == nil || l.listen:
		return nil
	}
	var shown []shownTrace
	var errs []error
	for _, s := range list {
		t, err := l.playOne(ctx, s)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		shown, errs = append(shown, t), append(errs, err)
	}
	if l.node != nil {
		node, err := l.playNode(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		shown, errs = append(shown, node...), append(errs, err)
	}
	out.all(shown)
	if note := l.xray.notes(); note != "" {
		l.say("%s", clean(note))
	}
	return errors.Join(append(errs, l.xray.badDatagrams())...)
}

// playOne runs a scenario. The error is about what the function should have done.
func (l *local) playOne(ctx context.Context, s scenario) (shownTrace, error) {
	done := l.step(s.title)
	o, err := s.run(ctx, l.platform.Load(), l.stubs)
	if err == nil && (o.FunctionError != "") != s.fails {
		err = fmt.Errorf("%s: the function answered %s", s.title, o.Payload)
		if len(o.Log) > 0 && !l.showLogs {
			err = fmt.Errorf("%w\nthe end of what it printed:\n%s", err, bytes.TrimSpace(o.Log))
		}
	}
	done(err)
	if l.sdk {
		s.note = "" // they are about the other function
	}
	return shownTrace{s.title, s.note, o}, err
}

// serve answers on the listener until ctx is done; the channel has an element if it
// ends before.
func (l *local) serve(ctx context.Context, listener net.Listener, out *printer) chan error {
	server := &http.Server{Handler: l.handler(ctx, out, listener.Addr().String()), ReadHeaderTimeout: 10 * time.Second}
	l.say("X-Ray on http://%s", listener.Addr())
	if l.expose {
		l.say("-expose: whoever reaches this address reads all traces and runs the function")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	l.undo = append(l.undo, server.Close)
	return stopped
}

// explain says how to send something here.
func (l *local) explain(addr string) {
	if p := l.platform.Load(); p != nil {
		name, event := clean(p.Function.Name), "{}"
		if l.stubs != nil {
			event = `{"id":"1","items":["tea"]}`
		}
		l.say("Invoke API on http://%s for function %s; Ctrl-C ends it", addr, name)
		// A file is what versions 1 and 2 of the CLI read alike.
		l.say("echo '%s' | aws lambda invoke --endpoint-url http://%s --function-name %s --payload fileb:///dev/stdin out.json", event, addr, name)
		return
	}
	l.say("AWS_XRAY_DAEMON_ADDRESS=%s", l.xray.daemon.Addr())
	l.say("OTEL_EXPORTER_OTLP_ENDPOINT=http://%s OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", addr)
	l.say("aws xray get-service-graph --endpoint-url http://%s --start-time $(($(date +%%s)-600)) --end-time $(date +%%s)", addr)
	l.say("Ctrl-C ends it")
}
