package lambda

import (
	"bytes"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Process is a child in a process group of its own, so that all it starts can
// be stopped with it and a Ctrl-C at the terminal reaches only us.
type Process struct {
	cmd     *exec.Cmd
	started time.Time
	done    chan struct{} // closed once the process is gone
	state   string        // then set: "exit status 1", "signal: killed"
}

// StartProcess runs cmd.
func StartProcess(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr = childAttributes()
	// A grandchild that inherited the output must not keep Wait waiting.
	cmd.WaitDelay = time.Second
	err := make(chan error)
	go func() {
		// The kernel ends the child with the thread that started it
		// (PR_SET_PDEATHSIG), so this thread must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p.started = time.Now()
		if e := cmd.Start(); e != nil {
			err <- e
			return
		}
		err <- nil
		_ = cmd.Wait()                            // the state says it
		signalGroup(cmd.Process, syscall.SIGKILL) // what it started and left behind
		p.state = cmd.ProcessState.String()
		close(p.done)
	}()
	if e := <-err; e != nil {
		return nil, e
	}
	return p, nil
}

// signal sends sig to the process and all it started.
func (p *Process) signal(sig syscall.Signal) {
	select {
	case <-p.done: // its id may be another's by now
	default:
		signalGroup(p.cmd.Process, sig)
	}
}

// Done is closed once the process is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// State says how the process ended, as in "exit status 1"; valid after Done.
func (p *Process) State() string { return p.state }

// Kill ends the process at once and waits for that.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stop asks the process to end, as Lambda does before it takes an environment
// away, and kills it after grace.
func (p *Process) stop(grace time.Duration) {
	p.thaw()
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.Kill()
	}
}

// logTail keeps the last bytes of a function's output, and passes all of it on
// line by line if there is a next function.
type logTail struct {
	mu   sync.Mutex
	last []byte
	line []byte
	next func(line string) // may be nil
}

const (
	logTailSize = 4 << 10  // what the Invoke API returns of a log
	logLineSize = 64 << 10 // a line is passed on in pieces of about this size
)

func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, p...)
	if over := len(l.last) - logTailSize; over > 0 {
		l.last = append(l.last[:0], l.last[over:]...)
	}
	if l.next == nil {
		return len(p), nil
	}
	l.line = append(l.line, p...)
	rest := l.line
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if !found && len(rest) < logLineSize {
			break
		}
		l.pass(line)
		rest = after
	}
	l.line = append(l.line[:0], rest...)
	return len(p), nil
}

func (l *logTail) pass(line []byte) { l.next(string(line)) }

// take returns what was kept and starts afresh.
func (l *logTail) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) > 0 {
		l.pass(l.line)
		l.line = nil
	}
	out := l.last
	l.last = nil
	return out
}
