package udp

import (
	"context"
	"math/bits"
	"sync"
	"time"
)

// The kernel drops, without a word, what a socket's receive buffer does not hold,
// and charges for a datagram the memory that it lies in, not its length. So a
// burst is counted in what the daemon's socket is charged if it reads nothing
// meanwhile, and may take half of the buffer: the other half is for other senders
// and for a daemon that was just not running.
//
// Beyond that the daemon has to read. Measured with the daemon built from source
// beside other busy programs, four to nine for two cores, where it may not run for
// 5 ms: of 56,880 documents of 0.3 to 5 KB, in bursts of 150 to 1,000, 250 were lost.
const (
	receiveBuffer = 212_992 // net.core.rmem_default
	burst         = receiveBuffer / 2

	timePerDatagram = 100 * time.Microsecond
	timePerByte     = 10 * time.Nanosecond // as charged
)

// charge returns what Linux charges a socket for a datagram of n bytes: headers
// and bookkeeping, rounded up to a power of two, and the buffer's own record;
// above 16 KB whole pages. Read off by filling sockets: one of the default size
// holds 166 datagrams of up to 0.6 KB, 92 of 1.6, 48 of 3.6, 25 of 7.6, 12 of 15.6,
// 10 of 20, 5 of 40, 4 of 48.
func charge(n int) int {
	const (
		overhead = 369   // measured: the classes end at 655, 1679, 3727 and 7823 bytes
		record   = 256   // struct sk_buff
		smallest = 1024  // there is one of 576 as well, for less than 208 bytes
		largest  = 16384 // in one piece
	)
	size := n + overhead
	if size > largest {
		return size + 2*record
	}
	return max(smallest, 1<<bits.Len(uint(size-1))) + record
}

// pacer spaces datagrams so that the daemon's socket holds them. The zero value is
// ready. It is safe for concurrent use.
type pacer struct {
	mu     sync.Mutex
	at     time.Time
	unread int           // what the daemon's socket is charged for, at that time
	busy   time.Duration // what the daemon then needs to read it
	absent bool          // nobody listens
}

// turn counts a datagram of n bytes as sent and returns how long to wait at now
// before it is. If that is longer than patience nothing is counted and it returns
// false. Negative patience has no end.
func (p *pacer) turn(now time.Time, n int, patience time.Duration) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.absent {
		return 0, true
	}
	p.advance(now)
	charged := charge(n)
	unread, busy := p.unread+charged, p.busy+timePerDatagram+time.Duration(charged)*timePerByte
	var wait time.Duration
	if over := unread - burst; over > 0 {
		wait = time.Duration(float64(busy) * float64(over) / float64(unread))
	}
	if patience >= 0 && wait > patience {
		return wait, false
	}
	p.unread, p.busy = unread, busy
	return wait, true
}

// force counts a datagram of n bytes that is sent whatever the pace. Of such no
// more than a burst is remembered: the next one owes nothing for it.
func (p *pacer) force(now time.Time, n int) {
	if _, ok := p.turn(now, n, 0); ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unread < burst {
		p.busy = time.Duration(float64(p.busy) * burst / float64(p.unread))
		p.unread = burst
	}
}

// advance has the daemon read until now.
func (p *pacer) advance(now time.Time) {
	passed := now.Sub(p.at)
	if passed <= 0 {
		return // another sender was further
	}
	if passed >= p.busy {
		p.unread, p.busy = 0, 0
	} else {
		p.unread -= int(float64(p.unread) * float64(passed) / float64(p.busy))
		p.busy -= passed
	}
	p.at = now
}

// listening says whether somebody reads what is sent. Nothing is paced for nobody.
func (p *pacer) listening(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.absent = !yes
	p.unread, p.busy = 0, 0
}

// sleep returns after d, or with the error of ctx if that is done before.
func sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
