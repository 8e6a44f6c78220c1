// Middleware for a router of one's own.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// Middleware is what gin's and beego's users have.
func Middleware(name string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := header.FromString(r.Header.Get(xray.TraceIDHeaderKey))
		ctx, seg := xray.NewSegmentFromHeader(r.Context(), name, r, h)
		defer seg.Close(nil)

		seg.Lock()
		scheme := "https://"
		if r.TLS == nil {
			scheme = "http://"
		}
		seg.GetHTTP().GetRequest().Method = r.Method
		seg.GetHTTP().GetRequest().URL = scheme + r.Host + r.URL.Path
		seg.GetHTTP().GetRequest().UserAgent = r.UserAgent()
		w.Header().Set(xray.TraceIDHeaderKey, "Root="+seg.TraceID)
		seg.Unlock()

		recorded := httptest.NewRecorder()
		next(recorded, r.WithContext(ctx))

		seg.Lock()
		seg.GetHTTP().GetResponse().Status = recorded.Code
		if recorded.Code >= 400 && recorded.Code < 500 {
			seg.Error = true
		}
		if recorded.Code == 429 {
			seg.Throttle = true
		}
		if recorded.Code >= 500 {
			seg.Fault = true
		}
		seg.Unlock()
		w.WriteHeader(recorded.Code)
	}
}

func main() {
	all, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"default":{"fixed_target":1,"rate":1}}`))
	if err != nil {
		log.Fatal(err)
	}
	_ = xray.Configure(xray.Config{SamplingStrategy: all})
	h := Middleware("shop", func(w http.ResponseWriter, r *http.Request) {
		ctx, seg := xray.BeginSubsegment(r.Context(), "handler")
		defer seg.Close(nil)
		_ = xray.AddAnnotation(ctx, "path", r.URL.Path)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	r := httptest.NewRequest("GET", "http://shop.example.com/cart", nil)
	r.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
	w := httptest.NewRecorder()
	h(w, r)
	fmt.Println(w.Code)
}
