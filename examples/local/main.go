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
	"syscall"
	"time"
)

const usage = `Usage: local [flags] [-- command [arguments]]

Runs a Lambda function on this machine and prints what X-Ray would show of it.
Without a command it is examples/function, with a scenario for everything that
can happen to an invocation. Then the Invoke API is served:

  aws lambda invoke --endpoint-url http://127.0.0.1:3001 --function-name orders \
      --cli-binary-format raw-in-base64-out --payload '{"id":"1","items":["tea"]}' out.json

Flags:
`

type options struct {
	once    bool
	out     string
	invoke  string
	addr    string
	timeout time.Duration
	logs    bool
	command []string
}

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
	f.StringVar(&o.out, "out", "", "write the documents as JSON lines to function.jsonl and platform.jsonl in this `directory`")
	f.StringVar(&o.invoke, "invoke", "", "invoke the function once with the event in this `file` (- is standard input) in place of the scenarios")
	f.StringVar(&o.addr, "addr", "127.0.0.1:3001", "loopback `address` of the Invoke API")
	f.DurationVar(&o.timeout, "timeout", 3*time.Second, "the function's timeout")
	f.BoolVar(&o.logs, "logs", false, "print the function's output as it comes")
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

func (o options) validate() error {
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return fmt.Errorf("-addr %s: want host:port, as in 127.0.0.1:3001", o.addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-addr %s: the Invoke API runs whatever it is sent, so it is served on loopback only; use 127.0.0.1", o.addr)
	}
	if o.timeout <= 0 || o.timeout > 15*time.Minute {
		return fmt.Errorf("-timeout %v: want more than 0 and at most 15m, as for Lambda", o.timeout)
	}
	return nil
}
