package main

import (
	"bytes"
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
	"strings"
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
	platform *lambda.Platform
	stubs    *stubs // nil: the command is the user's
}

func (o options) run(ctx context.Context, stdout, stderr *os.File) (err error) {
	l := &local{options: o, stdout: stdout}
	l.progress = progress{style: styleFor(stderr), out: stderr}
	l.rewrite = l.color && !o.logs
	event, err := o.event()
	if err != nil {
		return err
	}
	var listener net.Listener
	if !o.once { // before the scenarios run: they take a while
		if listener, err = net.Listen("tcp", o.addr); err != nil {
			return fmt.Errorf("serve the Invoke API: %w (choose another address with -addr)", err)
		}
		defer listener.Close()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	end, err := l.start(ctx, stderr)
	if err != nil {
		return err
	}
	defer func() {
		cancel() // ends what runs in the background
		err = errors.Join(err, end())
	}()
	printer := &printer{style: styleFor(stdout), out: stdout, xray: l.xray}
	if o.once {
		return l.play(ctx, printer, event)
	}

	// The page is there before the scenarios run: it becomes the map by itself.
	server := &http.Server{Handler: l.handler(ctx, printer, listener.Addr().String()), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	l.say("X-Ray on http://%s", listener.Addr())
	if err = l.play(ctx, printer, event); err == nil {
		l.invite(listener.Addr())
		select {
		case err := <-stopped:
			return err
		case <-ctx.Done():
		}
		err = l.xray.badDatagrams()
	}
	server.Close()
	<-stopped
	return err
}

// start builds the function, and starts everything but the function itself.
// end stops all of it.
func (l *local) start(ctx context.Context, stderr io.Writer) (end func() error, err error) {
	var undo []func() error
	undoAll := func() error {
		var errs []error
		for i := len(undo) - 1; i >= 0; i-- {
			errs = append(errs, undo[i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undoAll())
		}
	}()

	if l.xray, err = startXRay(l.options.out); err != nil {
		return nil, err
	}
	undo = append(undo, l.xray.close)

	name, command, env := "orders", l.command, []string{"PATH=" + os.Getenv("PATH")}
	if len(command) == 0 {
		if l.stubs, err = startStubs(); err != nil {
			return nil, err
		}
		undo = append(undo, l.stubs.close)
		env = append(env, l.stubs.env()...)
		dir, err := os.MkdirTemp("", "lambdaxray-local-")
		if err != nil {
			return nil, err
		}
		undo = append(undo, func() error { return os.RemoveAll(dir) })
		done := l.step("build examples/function (half a minute the first time)")
		bootstrap, err := buildFunction(ctx, dir)
		done(err)
		if err != nil {
			return nil, err
		}
		command = []string{bootstrap}
	} else {
		if _, err := exec.LookPath(command[0]); err != nil {
			return nil, fmt.Errorf("%w (give the path of an executable, as in: local -- ./bootstrap)", err)
		}
		name = strings.TrimSuffix(filepath.Base(command[0]), filepath.Ext(command[0]))
		env = os.Environ()
	}
	fn := xraytest.Function{Name: name, Timeout: l.timeout, DaemonAddress: l.xray.daemon.Addr()}
	var logs func(string)
	if l.logs {
		logs = func(line string) { fmt.Fprintf(stderr, "  │ %s\n", clean(line)) }
	}
	l.platform = lambda.New(fn, command, env, l.xray, logs)
	undo = append(undo, func() error { l.platform.Close(); return nil })
	return undoAll, nil
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
	case l.stubs == nil:
		return nil
	}
	var shown []shownTrace
	var errs []error
	for _, s := range list {
		done := l.step(s.title)
		o, err := s.run(ctx, l.platform, l.stubs)
		if err == nil && (o.FunctionError != "") != s.fails {
			err = fmt.Errorf("%s: the function answered %s", s.title, o.Payload)
			if len(o.Log) > 0 && !l.logs {
				err = fmt.Errorf("%w\nthe end of what it printed:\n%s", err, bytes.TrimSpace(o.Log))
			}
		}
		done(err)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		errs = append(errs, err)
		shown = append(shown, shownTrace{s.title, s.note, o})
	}
	out.all(shown)
	if note := l.xray.notes(); note != "" {
		l.say("%s", clean(note))
	}
	return errors.Join(append(errs, l.xray.badDatagrams())...)
}

// invite says how the function is called.
func (l *local) invite(addr net.Addr) {
	name, payload := clean(l.platform.Function.Name), ""
	if l.stubs != nil {
		payload = ` --cli-binary-format raw-in-base64-out --payload '{"id":"1","items":["tea"]}'`
	}
	l.say("Invoke API on http://%s for function %s; Ctrl-C ends it", addr, name)
	l.say("aws lambda invoke --endpoint-url http://%s --function-name %s%s out.json", addr, name, payload)
}
