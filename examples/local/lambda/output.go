package lambda

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"sync"
)

// output is a function's standard output: a pipe that is copied. What was written
// before a moment has been copied when a mark, written behind it then, comes out.
type output struct {
	read, write *os.File
	mark        []byte
	seen, done  chan struct{}
	turn        sync.Mutex // of those who wait for a mark
}

// newOutput copies what is written until close.
func newOutput(to io.Writer) (*output, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o := &output{read: read, write: write, mark: []byte("\x00" + rand.Text()), seen: make(chan struct{}), done: make(chan struct{})}
	go o.copy(to)
	return o, nil
}

func (o *output) copy(to io.Writer) {
	defer close(o.done)
	buf := make([]byte, 32<<10)
	var data []byte
	for {
		n, err := o.read.Read(buf)
		data = append(data, buf[:n]...)
		for {
			before, after, found := bytes.Cut(data, o.mark)
			if !found {
				break
			}
			_, _ = to.Write(before) // a log that is full has its own limits
			data = append(data[:0], after...)
			o.seen <- struct{}{}
		}
		held := len(data) // the beginning of a mark, if there is one at the end
		for held = min(held, len(o.mark)-1); !bytes.HasPrefix(o.mark, data[len(data)-held:]); held-- {
		}
		if err != nil {
			held = 0
		}
		if ready := data[:len(data)-held]; len(ready) > 0 {
			_, _ = to.Write(ready)
		}
		data = append(data[:0], data[len(data)-held:]...)
		if err != nil {
			return
		}
	}
}

// drain returns when all that was written before has been copied.
func (o *output) drain() {
	o.turn.Lock()
	defer o.turn.Unlock()
	if _, err := o.write.Write(o.mark); err != nil {
		return // it is closed, or the function has made a full pipe of it
	}
	select {
	case <-o.seen:
	case <-o.done:
	}
}

// close ends the copying, with what has been written. The function must be gone; what
// it left behind may hold the pipe.
func (o *output) close() {
	o.drain()
	_ = o.write.Close() // nothing is lost with them
	_ = o.read.Close()
	<-o.done
}
