package receiver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
)

// What is written comes whole and in order, and before the end of the connection.
func TestForGRPC(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := ForGRPC(inner)
	defer l.Close()
	var want bytes.Buffer
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		buf := make([]byte, 5)
		if _, err := io.ReadFull(c, buf); err == nil {
			_, _ = c.Write(buf)
		}
		for i := range 10_000 {
			fmt.Fprintf(c, "frame %d,", i)
		}
		c.Close()
	}()
	want.WriteString("hello")
	for i := range 10_000 {
		fmt.Fprintf(&want, "frame %d,", i)
	}
	c, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes of %d, %v", len(got), want.Len(), err)
	}
}

// A client that is gone is seen by a later write.
func TestForGRPCClientGone(t *testing.T) {
	here, there := net.Pipe()
	there.Close()
	c := &conn{Conn: here}
	for {
		_, err := c.Write([]byte("frame"))
		if err == nil {
			continue
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
		return
	}
}
