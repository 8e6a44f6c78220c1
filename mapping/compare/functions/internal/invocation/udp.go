package invocation

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// UDP is a sink in the place of the X-Ray daemon.
type UDP struct {
	conn  net.PacketConn
	spans func(b *testing.B, body string) int
}

// NewUDP returns a sink that counts with spans what a datagram holds after the
// daemon's header line.
func NewUDP(b *testing.B, spans func(b *testing.B, body string) int) *UDP {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &UDP{conn: conn, spans: spans}
}

// Addr returns host:port.
func (s *UDP) Addr() string { return s.conn.LocalAddr().String() }

// Reset throws away what has come.
func (s *UDP) Reset() {
	for buf := make([]byte, 1<<16); s.read(buf) > 0; {
	}
}

// read returns the size of the next datagram, 0 if there is none. Peers write
// before they return, and loopback delivers at once: there is nothing to wait
// for.
func (s *UDP) read(buf []byte) int {
	s.conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	n, _, err := s.conn.ReadFrom(buf)
	if err != nil {
		return 0
	}
	return n
}

// Received returns what came since Reset. Once the benchmark runs nobody reads
// the datagrams: the kernel drops them, which costs the sender the same.
func (s *UDP) Received(b *testing.B) (spans, bytes, datagrams int) {
	buf := make([]byte, 1<<16)
	for n := s.read(buf); n > 0; n = s.read(buf) {
		_, body, _ := strings.Cut(string(buf[:n]), "\n")
		spans += s.spans(b, body)
		bytes += n
		datagrams++
	}
	return spans, bytes, datagrams
}

// DocumentSpans counts the spans in a segment document.
func DocumentSpans(b *testing.B, body string) int {
	doc, err := segment.Parse([]byte(body))
	if err != nil {
		b.Fatal(err)
	}
	return Count(doc)
}

// Count counts a document and the subsegments in it.
func Count(d *segment.Document) int {
	n := 1
	for _, s := range d.Subsegments {
		n += Count(s)
	}
	return n
}
