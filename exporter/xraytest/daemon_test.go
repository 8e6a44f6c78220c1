package xraytest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func dial(t *testing.T, d *Daemon) net.Conn {
	t.Helper()
	conn, err := net.Dial("udp", d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestDaemonReceives(t *testing.T) {
	var streamed []Datagram // no lock: the callback and Wait's return are ordered
	d := NewDaemon(t, WithDatagramFunc(func(g Datagram) { streamed = append(streamed, g) }))
	conn := dial(t, d)
	fmt.Fprint(conn, segment.DatagramHeader+minimalSegment)
	fmt.Fprint(conn, segment.DatagramHeader+minimalSegment+minimalSegment)
	fmt.Fprint(conn, segment.DatagramHeader+minimalSegment)

	docs, err := d.Wait(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 2 || string(docs[0]) != minimalSegment {
		t.Errorf("documents %q", docs)
	}
	grams := d.Datagrams()
	if len(grams) != 3 || grams[0].Err != nil || grams[1].Err == nil || grams[2].Err != nil {
		t.Errorf("datagrams %v, want the second bad", grams)
	}
	bytes := 3*len(segment.DatagramHeader) + 4*len(minimalSegment)
	if got, want := d.Stats(), (DaemonStats{Datagrams: 3, Documents: 2, Bad: 1, Bytes: bytes}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if len(streamed) != 3 {
		t.Errorf("callback saw %d datagrams, want 3", len(streamed))
	}
	d.Reset()
	if got := d.Stats(); got != (DaemonStats{}) {
		t.Errorf("stats after reset %+v", got)
	}
}

func TestDaemonWaitNamesWhatWasBad(t *testing.T) {
	d := NewDaemon(t)
	conn := dial(t, d)
	fmt.Fprint(conn, "nonsense")
	fmt.Fprint(conn, segment.DatagramHeader+minimalSegment)
	if _, err := d.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Wait(ctx, 2)
	checkError(t, err, "1 of 2 documents")
	checkError(t, err, "no header line")
}

func TestDaemonKeep(t *testing.T) {
	for keep := range 2 {
		d := NewDaemon(t, WithKeep(keep))
		conn := dial(t, d)
		for range 3 {
			fmt.Fprint(conn, segment.DatagramHeader+minimalSegment)
		}
		docs, err := d.Wait(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(docs) != keep {
			t.Errorf("%d documents kept, want %d", len(docs), keep)
		}
	}
}

// TestDaemonDrain: whatever their number, and however slow the callback is.
func TestDaemonDrain(t *testing.T) {
	for _, n := range []int{0, 1, 50} {
		d := NewDaemon(t, WithDatagramFunc(func(Datagram) { runtime.Gosched() }))
		conn := dial(t, d)
		for range n {
			fmt.Fprint(conn, segment.DatagramHeader+minimalSegment)
		}
		docs, err := d.Drain(t.Context())
		if err != nil || len(docs) != n {
			t.Errorf("%d documents, error %v, want %d", len(docs), err, n)
		}
		if got := d.Stats(); got.Datagrams != n || got.Bad != 0 {
			t.Errorf("stats %+v, want %d datagrams", got, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := NewDaemon(t, WithDatagramFunc(func(Datagram) { <-t.Context().Done() }))
	fmt.Fprint(dial(t, d), segment.DatagramHeader+minimalSegment)
	_, err := d.Drain(ctx)
	checkError(t, err, "daemon: drain: context canceled")
}

// TestDaemonQueue: what a slow callback cannot take is counted.
func TestDaemonQueue(t *testing.T) {
	datagram := segment.DatagramHeader + minimalSegment
	entered, release := make(chan struct{}, 10), make(chan struct{})
	d := NewDaemon(t, WithQueue(3*len(datagram)), WithDatagramFunc(func(Datagram) {
		entered <- struct{}{}
		<-release
	}))
	conn := dial(t, d)
	fmt.Fprint(conn, datagram)
	<-entered // it does not wait any more
	for range 5 {
		fmt.Fprint(conn, datagram)
	}
	for d.Stats().Dropped < 2 {
		runtime.Gosched()
	}
	close(release)
	docs, err := d.Drain(t.Context())
	if err != nil || len(docs) != 4 {
		t.Errorf("%d documents, error %v, want 1 in the callback and 3 in the queue", len(docs), err)
	}
	if got := d.Stats(); got.Dropped != 2 || got.Datagrams != 4 {
		t.Errorf("stats %+v", got)
	}
}

func TestDaemonIPv6(t *testing.T) {
	d, err := StartDaemon("[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	defer d.Close()
	fmt.Fprint(dial(t, d), segment.DatagramHeader+minimalSegment)
	if _, err := d.Wait(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

func TestDaemonAddressInUse(t *testing.T) {
	d := NewDaemon(t)
	if _, err := StartDaemon(d.Addr()); err == nil {
		t.Error("no error for a port in use")
	}
	if _, err := StartDaemon("2000"); err == nil {
		t.Error("no error for an address without a host")
	}
}

func TestDaemonCloseTwice(t *testing.T) {
	d, err := StartDaemon("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDaemonSampling(t *testing.T) {
	d := NewDaemon(t)
	for path, want := range map[string]string{
		"/GetSamplingRules": "SamplingRuleRecords",
		"/SamplingTargets":  "SamplingTargetDocuments",
	} {
		resp, err := http.Post("http://"+d.Addr()+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}
