package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const usage = `Usage: local [flags] [-- command [arguments]]

Runs a Lambda function on this machine and shows what X-Ray would show of it, in
the terminal and in the browser. Without a command it is examples/function, with a
scenario for everything that can happen to an invocation. Then the Invoke API is
served:

  echo '{"id":"1","items":["tea"]}' | aws lambda invoke --endpoint-url http://127.0.0.1:3001 \
      --function-name orders --payload fileb:///dev/stdin out.json

A function of another language, with OTLP to X-Ray as it is on Lambda:

  go build -o lambdaxray ./exporter/lambdaextension
  go run ./examples/local -extension ./lambdaxray -- node …

With -listen and no command it is X-Ray alone, for programs with any SDK: they send
to the daemon's port, by PutTraceSegments, or OTLP over HTTP.

Flags:
`

type options struct {
	once     bool
	listen   bool
	expose   bool
	out      string
	data     string
	invoke   string
	addr     string
	name     string
	timeout  time.Duration
	showLogs bool
	sdk      bool
	wantNode bool
	command  []string

	extensions []string
}

// function reports whether there is one to run.
func (o options) function() bool { return !o.listen || len(o.command) > 0 }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit status: 0, 1 for what went wrong, 2 for a wrong command
// line, 130 if it was interrupted before it was done.
func run(ctx context.Context, args []string, stdout, stderr *os.File) int {
	o, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // the flag package has said why
	}
	err = o.run(ctx, stdout, stderr)
	switch {
	case ctx.Err() != nil && err != nil:
		fmt.Fprintln(stderr, "local: interrupted")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "local:", cleanLines(err.Error()))
		return 1
	}
	return 0
}

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("local", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.BoolVar(&o.once, "once", false, "exit after printing")
	f.BoolVar(&o.listen, "listen", false, "run no scenarios; without a command, no function: X-Ray alone")
	f.BoolVar(&o.expose, "expose", false, "allow an -addr that is not loopback: whoever reaches it reads all traces and runs the function")
	f.StringVar(&o.data, "data", "", "keep the documents in this `file` too, and begin with those in it")
	f.StringVar(&o.name, "name", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "the function's `name`; default: that of the command")
	f.StringVar(&o.out, "out", "", "write the documents as JSON lines to function.jsonl and platform.jsonl in this `directory`")
	f.StringVar(&o.invoke, "invoke", "", "invoke the function once with the event in this `file` (- is standard input) in place of the scenarios")
	f.StringVar(&o.addr, "addr", "127.0.0.1:3001", "loopback `address` of the page, of X-Ray's API, of OTLP and of the Invoke API")
	f.DurationVar(&o.timeout, "timeout", 3*time.Second, "the function's timeout")
	f.BoolVar(&o.sdk, "sdk", false, "the example is the one written against aws-xray-sdk-go, with package xray in the SDK's place")
	f.BoolVar(&o.wantNode, "node", true, "run the Node.js function after the scenarios, where node and npm are; its packages go to the user's cache")
	f.BoolVar(&o.showLogs, "logs", false, "print the function's output as it comes")
	f.Func("extension", "run the program at this `path` beside the function as a Lambda extension; may be given several times", func(path string) error {
		o.extensions = append(o.extensions, path)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.command = f.Args()
	err := o.validate()
	if err != nil {
		fmt.Fprintln(stderr, "local:", err)
	}
	return o, err
}

// nameCharacters are those of a function's name.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func (o options) validate() error {
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return fmt.Errorf("-addr %s: want host:port, as in 127.0.0.1:3001", o.addr)
	}
	if ip := net.ParseIP(host); !o.expose && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-addr %s: the Invoke API runs whatever it is sent, so it is served on loopback only; use 127.0.0.1, or -expose if you mean it", o.addr)
	}
	if o.sdk && (len(o.command) > 0 || o.listen) {
		return errors.New("-sdk chooses the example, and a command or -listen runs none: use one of them")
	}
	if o.once && o.listen {
		return errors.New("-once ends after the scenarios, and -listen runs none: use one of them")
	}
	if len(o.name) > 64 || strings.Trim(o.name, nameCharacters) != "" {
		return fmt.Errorf("-name %q: a function's name has at most 64 letters, digits, - and _", o.name)
	}
	if o.timeout <= 0 || o.timeout > 15*time.Minute {
		return fmt.Errorf("-timeout %v: want more than 0 and at most 15m, as for Lambda", o.timeout)
	}
	return nil
}
