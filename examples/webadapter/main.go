// Command webadapter is a web server that Lambda Web Adapter runs as a function. The
// adapter talks to Lambda and passes each invocation on as an HTTP request; the
// server knows nothing of it and runs in a container just as well.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/propagator"
)

func main() {
	provider, err := lambdaxray.NewTracerProvider(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	otel.SetTracerProvider(provider)
	// The invocation's tracing header is in the request, and nowhere else.
	otel.SetTextMapPropagator(propagator.XRay{})

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {}) // the adapter's, before the first invocation
	mux.HandleFunc("GET /greet/{name}", greet)
	server := &http.Server{
		Addr:              "127.0.0.1:" + port(),
		Handler:           otelhttp.NewHandler(mux, "greeter", otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" })),
		ReadHeaderTimeout: 10 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

// port is where the adapter looks for the server.
func port() string {
	if port := os.Getenv("AWS_LWA_PORT"); port != "" {
		return port
	}
	return "8080"
}

func greet(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	err := lambdaxray.Capture(r.Context(), "greet", func(ctx context.Context) error {
		lambdaxray.Annotate(ctx, "name", name)
		if name == "nobody" {
			return fmt.Errorf("nobody is here")
		}
		_, err := fmt.Fprintf(w, "Hello, %s", name)
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
