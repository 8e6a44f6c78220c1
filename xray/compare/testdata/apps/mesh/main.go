// Services that call each other, several in one process.
package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func service(name string, h http.HandlerFunc) *httptest.Server {
	return httptest.NewServer(xray.Handler(xray.NewFixedSegmentNamer(name), h))
}

func main() {
	all, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"default":{"fixed_target":1,"rate":1}}`))
	if err != nil {
		log.Fatal(err)
	}
	if err := xray.Configure(xray.Config{SamplingStrategy: all}); err != nil {
		log.Fatal(err)
	}
	colors := service("prod-colors", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "blue") })
	client := xray.Client(nil)
	gateway := service("prod-gateway", func(w http.ResponseWriter, r *http.Request) {
		for _, url := range []string{colors.URL, os.Getenv("STUB")} {
			req, _ := http.NewRequestWithContext(r.Context(), "GET", url, nil)
			resp, err := client.Do(req)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			resp.Body.Close()
		}
	})
	resp, err := http.Get(gateway.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	gateway.Close() // its segment is sent when the handler has returned
	colors.Close()
}
