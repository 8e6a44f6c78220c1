package lambda

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// The test binary is also the function that the tests run.
func TestMain(m *testing.M) {
	testfunction.Main()
	os.Exit(m.Run())
}

// fakeXRay keeps what the platform writes.
type fakeXRay struct {
	t      *testing.T
	store  *xray.Store
	daemon *xraytest.Daemon
}

func (x *fakeXRay) PlatformDocument(d *segment.Document) {
	doc, err := json.Marshal(d)
	if err == nil {
		err = x.store.Put(doc)
	}
	if err != nil {
		x.t.Error(err)
	}
	for _, v := range segment.Check(doc) {
		x.t.Errorf("the platform's document %s: %v", doc, v)
	}
}

func (x *fakeXRay) Drain(ctx context.Context) { _, _ = x.daemon.Drain(ctx) } // ctx is done

// testPlatform runs the test function of a kind.
func testPlatform(t *testing.T, kind string) (*Platform, *xray.Store) {
	t.Helper()
	x := &fakeXRay{t, xray.NewStore(), xraytest.NewDaemon(t)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fn := xraytest.Function{Name: "test", Timeout: 10 * time.Second, DaemonAddress: x.daemon.Addr()}
	p := New(fn, []string{self}, []string{testfunction.EnvKind + "=" + kind}, x, nil)
	t.Cleanup(p.Close)
	return p, x.store
}

func answerOf(t *testing.T, payload []byte) (a testfunction.Answer) {
	t.Helper()
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatalf("the function answered %s: %v", payload, err)
	}
	return a
}

// seconds reads a time of a document.
func seconds(t *testing.T, n json.Number) float64 {
	t.Helper()
	s, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
