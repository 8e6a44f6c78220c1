package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// deadPeer has X-Ray take connections and never answer: the log says so after the
// first timeout, and the Collector ends soon after it is asked to.
func deadPeer(ctx context.Context, c *collectors) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts: the kernel does
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := newSingle()
	if err != nil {
		return err
	}
	defer s.close()
	s.endpoint = "http://" + l.Addr().String()
	if err := s.start(ctx, c); err != nil {
		return err
	}
	if _, err := sendOrders(ctx, s.otlp, 20); err != nil {
		return err
	}
	began := time.Now()
	const line = "X-Ray does not answer in time."
	for !strings.Contains(s.log.String(), line) {
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("the log does not say that X-Ray does not answer"), ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	fmt.Printf("  the log says %q after %.0f s\n", line, time.Since(began).Seconds())
	began = time.Now()
	if err := s.stop(); err != nil {
		return err
	}
	fmt.Printf("  the Collector ends %.0f s after SIGTERM\n", time.Since(began).Seconds())

	s.endpoint = "" // the next start finds an X-Ray that answers
	if err := s.start(ctx, c); err != nil {
		return err
	}
	if err := await(ctx, 20*spansOfOrder, s.xray); err != nil {
		return err
	}
	fmt.Printf("  the next start sends all %d spans that the queue had kept\n", 20*spansOfOrder)
	return s.stop()
}
