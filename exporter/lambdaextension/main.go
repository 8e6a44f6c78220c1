// Command lambdaextension is a Lambda extension for functions of every language under
// OpenTelemetry: OTLP comes in on localhost, X-Ray segment documents go out to the
// daemon that Lambda runs, and nothing else. README.md has its settings.
//
// Without AWS_LAMBDA_RUNTIME_API it is the same beside a container: it runs until
// SIGTERM.
package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/extension"
	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/receiver"
)

// maxDrain is how long requests that are on their way may take at the end, of the 2 s
// that Lambda gives.
const maxDrain = time.Second

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // 10.4 MB after 10,000 exports in place of 13.0
	}
	if os.Getenv("GOMAXPROCS") == "" && os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		runtime.GOMAXPROCS(1) // an export is answered in 128 us in place of 161, as no thread waits for another
	}
	log := extension.NewLogger(os.Stderr)
	x := extension.New(os.Getenv, log)
	server := x.Receiver().Server()
	// The runtime starts only after the registration, and must find the ports open.
	listen(server, log, extension.EnvHTTP, "localhost:4318", func(l net.Listener) net.Listener { return l })
	listen(server, log, extension.EnvGRPC, "localhost:4317", receiver.ForGRPC)
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		x.Run(filepath.Base(os.Args[0]))
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
		<-ctx.Done()
		stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxDrain)
	defer cancel()
	_ = server.Shutdown(ctx) // what takes longer has no time left
	x.Close(ctx)
}

// listen serves on the address that variable names, "off" for none. A port that is
// taken is no reason to fail: the other one may serve, and the function runs.
func listen(server *http.Server, log *extension.Logger, variable, address string, tuned func(net.Listener) net.Listener) {
	if v := os.Getenv(variable); v != "" {
		address = v
	}
	if address == "off" {
		return
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		log.Once(variable, "%s is %q, want host:port or off; nobody listens there", variable, address)
		return
	}
	hosts := []string{host}
	if host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	for i, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		switch {
		case err == nil:
			go func() { _ = server.Serve(tuned(l)) }() // ends with Shutdown
		case i == 0:
			log.Once(variable, "OTLP at %s is not taken, spans that are sent there do not come here (is another extension or Collector there?): %v", address, err)
		}
	}
}
