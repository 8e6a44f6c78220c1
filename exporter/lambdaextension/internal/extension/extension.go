package extension

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/otlpproto"
	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/receiver"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

// maxBlock is how long one document may hold a function up, as in package exporter.
const maxBlock = 500 * time.Millisecond

// Extension takes requests from a receiver and events from Lambda. Its methods are
// safe for concurrent use.
type Extension struct {
	getenv func(string) string
	log    *Logger
	proc   string    // where the kernel shows processes
	mark   string    // a file that says that the environment was reset
	start  time.Time // of the process
	pool   *batch.Pool
	mapper *mapping.Mapper

	events *http.Server // takes those of the Telemetry API; nil: it is not asked

	found atomic.Pointer[map[string]string] // variables of the runtime's environment

	apartMu sync.Mutex
	apart   map[*mapping.Resource]*mapping.Resource // see apartFrom

	mu      sync.Mutex
	emitter *udp.Emitter // nil: not known where the daemon is
	looked  int          // times that the daemon was looked for
	lost    int          // documents
	calls   calls
}

// New returns an Extension that reads its settings with getenv.
func New(getenv func(string) string, log *Logger) *Extension {
	x := &Extension{
		log:   log,
		proc:  "/proc",
		start: time.Now(),
		pool:  batch.NewPool(),
	}
	x.getenv = func(key string) string {
		if v := getenv(key); v != "" {
			return v
		}
		if found := x.found.Load(); found != nil {
			return (*found)[key]
		}
		return ""
	}
	x.mark = filepath.Join(os.TempDir(), ".lambdaxray-reset-"+getenv(envFunctionName))
	x.pool.MakeResource = x.newResource
	x.mapper = mapping.New(mapperOptions(getenv, log)...)
	return x
}

// Receiver returns what answers OTLP requests for x.
func (x *Extension) Receiver() *receiver.Receiver {
	return &receiver.Receiver{
		Export: x.export,
		Log:    func(format string, args ...any) { x.log.Once(format, format, args...) },
	}
}

// export maps a request and writes its documents. keep says that body's bytes are in
// use on.
func (x *Extension) export(body []byte, format receiver.Format) (result receiver.Result, keep bool, err error) {
	emitter := x.daemon()
	b := x.pool.Get()
	if format == receiver.JSON {
		err = otlpjson.Decode(x.pool, b, body)
	} else {
		err = otlpproto.Decode(x.pool, b, body)
	}
	if err != nil && len(b.Spans) == 0 {
		x.pool.Put(b)
		return result, false, err
	}
	bad := errorsOf(err)
	keep = x.place(b)
	b.Docs, err = x.mapper.AppendDocuments(b.Docs[:0], b.Spans)
	bad = append(bad, errorsOf(err)...)
	x.emit(emitter, b.Docs)
	if !keep {
		x.pool.Put(b)
	}
	if len(bad) > 0 {
		result.Rejected = int64(len(bad))
		result.Message = bad[0].Error()
	}
	return result, keep, nil
}

// errorsOf returns the parts of a joined error.
func errorsOf(err error) []error {
	switch joined := err.(type) {
	case nil:
		return nil
	case interface{ Unwrap() []error }:
		return joined.Unwrap()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return errorsOf(inner)
	}
	return []error{err}
}

// maxLooks is how often the daemon is looked for, at events and exports: a runtime that
// has no address at the fifth has none.
const maxLooks = 5

// daemon returns the way to the daemon, nil if there is none.
func (x *Extension) daemon() *udp.Emitter {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.emitter != nil || x.looked == maxLooks {
		return x.emitter
	}
	x.looked++
	address := daemonAddress(EnvDaemon, x.getenv(EnvDaemon), x.log)
	if found := discover(x.proc, x.getenv); found != nil {
		x.found.Store(&found)
	}
	if address == "" {
		address = daemonAddress(udp.EnvAddress, x.getenv(udp.EnvAddress), x.log)
	}
	if address == "" && x.getenv(envFunctionName) == "" {
		address = udp.DefaultAddress // a container of one's own
	}
	if address == "" {
		x.log.Once("daemon", "no X-Ray daemon is known, so traces are lost: is active tracing on? Otherwise set %s=host:port", EnvDaemon)
		return nil
	}
	x.emitter = udp.New(address)
	return x.emitter
}

// emit writes documents. It does not tell the function what is lost: it could do
// nothing but wait.
func (x *Extension) emit(emitter *udp.Emitter, docs [][]byte) {
	if len(docs) == 0 {
		return
	}
	lost, err := len(docs), error(nil)
	if emitter != nil {
		lost, err = emitter.EmitNowWithin(maxBlock, docs)
	}
	if lost == 0 {
		return
	}
	x.mu.Lock()
	x.lost += lost
	x.mu.Unlock()
	if err != nil {
		x.log.Once("emit", "%d documents are lost: %v; their number is told at the end", lost, err)
	}
}

// Close writes what is left to say. What is being told until ctx is done is answered.
func (x *Extension) Close(ctx context.Context) {
	if x.events != nil {
		_ = x.events.Shutdown(ctx) // what takes longer has no time left
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.lost > 0 {
		x.log.Once("lost", "%d documents were lost in all", x.lost)
	}
}

func (x *Extension) logOnce(format string, args ...any) {
	x.log.Once(format, "%s", fmt.Sprintf(format, args...))
}
