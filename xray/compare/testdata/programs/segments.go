package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/awsplugins/ecs"
	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/strategy/exception"
	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func init() {
	programs["nested"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		check(seg.AddAnnotation("customer", "ada"))
		_ = xray.Capture(ctx, "order", func(ctx context.Context) error {
			check(xray.AddAnnotation(ctx, "items", 3))
			check(xray.AddAnnotation(ctx, "price", 12.5))
			check(xray.AddAnnotation(ctx, "gift", true))
			check(xray.AddMetadata(ctx, "cart", map[string]interface{}{"apples": 2, "pears": []int{1, 2}}))
			return xray.Capture(ctx, "stock", func(ctx context.Context) error {
				return xray.AddMetadataToNamespace(ctx, "warehouse", "shelf", "B7")
			})
		})
		_, sub := xray.BeginSubsegment(ctx, "mail")
		sub.Close(nil)
		seg.Close(nil)
	}
	programs["errors"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_ = xray.Capture(ctx, "plain", func(context.Context) error { return errors.New("no stock") })
		_ = xray.Capture(ctx, "wrapped", func(context.Context) error {
			return fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "prices.json", Err: fs.ErrNotExist})
		})
		_ = xray.Capture(ctx, "typed", func(context.Context) error { return &exception.XRayError{Type: "OutOfStock", Message: "none left"} })
		_ = xray.Capture(ctx, "added", func(ctx context.Context) error {
			check(xray.AddError(ctx, errors.New("first")))
			check(xray.AddError(ctx, errors.New("second\nof two lines")))
			return nil
		})
		seg.Close(errors.New("closed with it"))
	}
	programs["panic"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		func() {
			defer func() { fmt.Println("recovered", recover()) }()
			_ = xray.Capture(ctx, "risky", func(context.Context) error { panic("no luck") })
		}()
		func() {
			defer func() { fmt.Println("recovered", recover()) }()
			_ = xray.Capture(ctx, "nil map", func(context.Context) error {
				var m map[string]int
				m["a"] = 1
				return nil
			})
		}()
		seg.Close(nil)
	}
	programs["async"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		n := runtime.NumGoroutine()
		var wg sync.WaitGroup
		for i := 0; i < 3; i++ {
			wg.Add(1)
			xray.CaptureAsync(ctx, "worker", func(ctx context.Context) error {
				defer wg.Done()
				return xray.AddAnnotation(ctx, "async", true)
			})
		}
		wg.Wait()
		for runtime.NumGoroutine() > n { // a goroutine ends when its subsegment is closed
			time.Sleep(time.Millisecond)
		}
		seg.Close(nil)
	}
	programs["late"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_, sub := xray.BeginSubsegment(ctx, "late")
		seg.Close(nil)
		sub.Close(nil)
	}
	programs["many"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		for i := 0; i < 110; i++ { // as many datagrams at once as a daemon's socket holds
			_, sub := xray.BeginSubsegment(ctx, fmt.Sprintf("item %03d", i))
			check(sub.AddMetadata("text", strings.Repeat("x", 100)))
			sub.Close(nil)
		}
		seg.Close(nil)
	}
	programs["deep"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		var down func(context.Context, int) error
		down = func(ctx context.Context, n int) error {
			if n == 0 {
				return errors.New("bottom")
			}
			return xray.Capture(ctx, fmt.Sprintf("level %d", n), func(ctx context.Context) error { return down(ctx, n-1) })
		}
		_ = down(ctx, 12)
		seg.Close(nil)
	}
	programs["several"] = func(ctx context.Context) {
		for i := 0; i < 3; i++ {
			c, seg := xray.BeginSegment(ctx, fmt.Sprintf("shop %d", i))
			_, inner := xray.BeginSegment(c, fmt.Sprintf("inner %d", i))
			inner.Close(nil)
			seg.Close(nil)
		}
	}
	programs["fields"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_, sub := xray.BeginSubsegment(ctx, "partner.example.com")
		sub.Lock()
		sub.Namespace = "remote"
		sub.Error, sub.Throttle = true, true
		sub.GetHTTP().GetRequest().Method = "PUT"
		sub.GetHTTP().GetRequest().URL = "https://partner.example.com/stock"
		sub.GetHTTP().GetResponse().Status = 429
		sub.GetHTTP().GetResponse().ContentLength = 17
		sub.Unlock()
		sub.Close(nil)
		_, sub = xray.BeginSubsegment(ctx, "S3")
		sub.Namespace = "aws"
		sub.GetAWS()["operation"] = "PutObject"
		sub.GetAWS()["region"] = "eu-west-1"
		sub.GetAWS()["bucket_name"] = "photos"
		sub.GetAWS()["key"] = "a.jpg"
		sub.GetAWS()["retries"] = 2
		sub.GetAWS()["request_id"] = "R1"
		sub.Fault = true
		sub.Close(nil)
		_, sub = xray.BeginSubsegment(ctx, "orders@db")
		sub.Namespace = "remote"
		sub.GetSQL().URL = "postgres://db:5432/orders"
		sub.GetSQL().DatabaseType = "Postgres"
		sub.GetSQL().User = "app"
		sub.GetSQL().SanitizedQuery = "SELECT 1"
		sub.Close(nil)
		_, sub = xray.BeginSubsegment(ctx, "quiet 404")
		sub.GetHTTP().GetResponse().Status = 404
		sub.Close(nil)
		seg.User = "ada"
		seg.Fault = true
		seg.Close(nil)
	}
	programs["ids"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		id := regexp.MustCompile(`^[0-9a-f]{16}$`)
		trace := regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)
		fmt.Println("trace", trace.MatchString(seg.TraceID), trace.MatchString(xray.NewTraceID()))
		fmt.Println("segment", id.MatchString(seg.ID), id.MatchString(xray.NewSegmentID()))
		_, sub := xray.BeginSubsegment(ctx, "log")
		fmt.Println("subsegment", id.MatchString(sub.ID), sub.ParentID == seg.ID, sub.TraceID == seg.TraceID, xray.TraceID(ctx) == seg.TraceID)
		h := header.FromString(sub.DownstreamHeader().String())
		fmt.Println("downstream", h.TraceID == seg.TraceID, h.ParentID == sub.ID, h.SamplingDecision)
		fmt.Println("flags", seg.Sampled, seg.InProgress, seg.Dummy, seg.Facade, seg.ParentSegment == seg, sub.ParentSegment == seg)
		fmt.Println("context", xray.GetSegment(ctx) == seg, ctx.Value(xray.ContextKey) == seg)
		sub.Close(nil)
		fmt.Println("closed", sub.InProgress, sub.EndTime >= sub.StartTime)
		seg.Close(nil)
	}
	programs["detached"] = func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		ctx, seg := xray.BeginSegment(ctx, "shop")
		detached := xray.DetachContext(ctx)
		_, a := xray.BeginSubsegment(detached, "detached")
		_, b := xray.BeginSubsegment(context.WithValue(context.Background(), xray.ContextKey, seg), "by hand")
		a.Close(nil)
		b.Close(nil)
		seg.Close(nil)
		cancel()
		fmt.Println(detached.Err())
	}
	programs["facade"] = func(ctx context.Context) {
		h := header.FromString("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
		ctx, seg := xray.BeginFacadeSegment(ctx, "facade", h)
		fmt.Println(seg.TraceID, seg.ID, seg.Facade, seg.Sampled)
		_ = xray.Capture(ctx, "beneath", func(ctx context.Context) error {
			return xray.Capture(ctx, "further", func(context.Context) error { return nil })
		})
	}
	programs["quiet"] = func(ctx context.Context) {
		none, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"default":{"fixed_target":0,"rate":0}}`))
		check(err)
		check(xray.Configure(xray.Config{SamplingStrategy: none}))
		ctx, seg := xray.BeginSegment(ctx, "quiet")
		fmt.Println(seg.Sampled, seg.Dummy, seg.TraceID, seg.ID)
		fmt.Println(xray.AddAnnotation(ctx, "a", 1), seg.Annotations)
		_, sub := xray.BeginSubsegment(ctx, "sub")
		fmt.Println(sub.ID, sub.DownstreamHeader().String())
		sub.Close(errors.New("x"))
		seg.Close(nil)
		os.Setenv("AWS_XRAY_NOOP_ID", "false")
		_, seg = xray.BeginSegment(ctx, "quiet")
		fmt.Println(seg.TraceID != "1-00000000-000000000000000000000000")
	}
	programs["rules"] = func(ctx context.Context) {
		none, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":1,"default":{"fixed_target":0,"rate":0},"rules":[{"service_name":"*","http_method":"GET","url_path":"/x","fixed_target":9,"rate":1}]}`))
		check(err)
		ctx, err = xray.ContextWithConfig(ctx, xray.Config{SamplingStrategy: none})
		check(err)
		_, seg := xray.BeginSegment(ctx, "by the rule")
		fmt.Println(seg.Sampled)
		seg.Close(nil)
		r := httptest.NewRequest("POST", "http://a.example.com/y", nil)
		_, seg = xray.NewSegmentFromHeader(ctx, "by the default", r, header.FromString(""))
		fmt.Println(seg.Sampled)
		seg.Close(nil)
	}
	programs["missing"] = func(ctx context.Context) {
		check(xray.Configure(xray.Config{ContextMissingStrategy: printer{}}))
		fmt.Println(xray.AddAnnotation(ctx, "a", 1), xray.AddMetadata(ctx, "a", 1), xray.AddError(ctx, errors.New("x")))
		fmt.Println(xray.GetSegment(ctx) == nil, xray.TraceID(ctx), xray.RequestWasTraced(ctx))
		ran := false
		_ = xray.Capture(ctx, "nowhere", func(ctx context.Context) error { ran = true; return nil })
		fmt.Println("ran", ran)
	}
	programs["badannotation"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		fmt.Println(xray.AddAnnotation(ctx, "list", []string{"a"}))
		fmt.Println(xray.AddAnnotation(ctx, "nil", nil))
		check(xray.AddAnnotation(ctx, "key-x", "v"))
		seg.Close(nil)
	}
	programs["metadata"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		check(xray.AddMetadata(ctx, "null", nil))
		check(xray.AddMetadata(ctx, "nested", struct {
			A int `json:"a"`
			B []map[string]string
		}{1, []map[string]string{{"c": "d"}}}))
		check(xray.AddMetadata(ctx, "error", errors.New("text")))
		check(xray.AddMetadata(ctx, "html", "<a href='x'>&</a>"))
		check(xray.AddMetadataToNamespace(ctx, "other", "raw", json.RawMessage(`{"z":1}`)))
		check(xray.AddMetadataToNamespace(ctx, "aws", "mine", 1))
		seg.Close(nil)
	}
	programs["emitter"] = func(ctx context.Context) {
		check(xray.Configure(xray.Config{Emitter: &treePrinter{seen: map[string]bool{}}}))
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_ = xray.Capture(ctx, "order", func(ctx context.Context) error { return errors.New("x") })
		seg.Close(nil)
		_, seg = xray.BeginSegment(context.Background(), "next")
		seg.Close(nil)
	}
	programs["cli"] = func(ctx context.Context) {
		_, seg := xray.BeginSegment(ctx, "cli")
		seg.Close(nil)
		os.Exit(0)
	}
	programs["version"] = func(ctx context.Context) {
		check(xray.Configure(xray.Config{ServiceVersion: "1.2.3"}))
		_, seg := xray.BeginSegment(ctx, "shop")
		fmt.Println(seg.GetService().Version, seg.GetService().Runtime)
		seg.Close(nil)
	}
	programs["plugin"] = func(ctx context.Context) {
		ecs.Init()
		_, seg := xray.BeginSegment(ctx, "shop")
		seg.Close(nil)
	}
	programs["names"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "my (odd) name!")
		_, sub := xray.BeginSubsegment(ctx, strings.Repeat("n", 250))
		sub.Close(nil)
		_, sub = xray.BeginSubsegment(ctx, "GET /a/{id}?x=1")
		sub.Close(nil)
		seg.Close(nil)
	}
	programs["disabled"] = func(ctx context.Context) {
		os.Setenv("AWS_XRAY_SDK_DISABLED", "true")
		ctx, seg := xray.BeginSegment(ctx, "shop")
		fmt.Println(xray.SdkDisabled(), seg.TraceID == "", xray.GetSegment(ctx) == seg)
		fmt.Println(xray.Capture(ctx, "x", func(context.Context) error { return errors.New("kept") }))
		seg.Close(nil)
	}
	programs["removed"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_, a := xray.BeginSubsegment(ctx, "kept")
		_, b := xray.BeginSubsegment(ctx, "removed")
		fmt.Println(seg.RemoveSubsegment(b), seg.RemoveSubsegment(b))
		a.Close(nil)
		seg.Close(nil)
	}
	programs["twice"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		_, a := xray.BeginSubsegment(ctx, "streamed")
		a.CloseAndStream(errors.New("x"))
		seg.Close(nil)
	}
}

type printer struct{}

func (printer) ContextMissing(v interface{}) { fmt.Println("missing:", v) }

// treePrinter is a test's emitter. The SDK emits a segment a second time if the
// goroutine that waits for its context is faster than Close.
type treePrinter struct {
	mu   sync.Mutex
	seen map[string]bool // ids
}

func (*treePrinter) RefreshEmitterWithAddress(*net.UDPAddr) {}

func (p *treePrinter) Emit(seg *xray.Segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[seg.ID] {
		return
	}
	p.seen[seg.ID] = true
	var names []string
	for k := range seg.Annotations {
		names = append(names, k)
	}
	sort.Strings(names)
	fmt.Println("emitted", seg.Name, seg.InProgress, seg.Fault, seg.EndTime > 0, names, len(seg.ParentID))
}
