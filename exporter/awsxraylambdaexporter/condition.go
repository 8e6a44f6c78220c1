package awsxraylambdaexporter

import (
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// condition logs what is wrong between here and X-Ray: once when it begins, once
// when it becomes something else, once when it is over. What happens to each
// request exporterhelper logs, and the metrics count.
type condition struct {
	logger *zap.Logger
	resent bool // what fails is sent again

	ill atomic.Bool // code is set

	mu     sync.Mutex
	code   string
	since  time.Time
	last   time.Time            // failure
	logged map[string]time.Time // code -> when
}

const (
	// over is how long nothing must fail before a success ends a condition: while
	// X-Ray throttles, some calls succeed.
	over = 10 * time.Second
	// relog is how soon a code is logged again: two may take turns.
	relog = time.Minute
)

// bad notes a failed call.
func (c *condition) bad(now time.Time, code string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = now
	if c.code == code {
		return
	}
	if c.code == "" {
		c.since = now
	}
	c.code = code
	c.ill.Store(true)
	if at, ok := c.logged[code]; ok && now.Sub(at) < relog {
		return
	}
	if c.logged == nil {
		c.logged = make(map[string]time.Time)
	}
	c.logged[code] = now
	a := adviceOf(code, err)
	log := c.logger.Warn
	if a.loud {
		log = c.logger.Error
	}
	effect := "The spans are kept and sent again, see retry_on_failure."
	if !c.resent {
		effect = "The spans of this request are lost: retry_on_failure is off."
	}
	fields := []zap.Field{zap.String("reason", code), zap.String("fix", a.fix)}
	if a.source != "" {
		fields = append(fields, zap.String("source", a.source))
	}
	log(a.what+" "+effect, append(fields, zap.String("error", shorten(err.Error())))...)
}

// good notes a call that X-Ray has answered. It costs nothing while all is well.
func (c *condition) good(now time.Time) {
	if !c.ill.Load() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == "" || now.Sub(c.last) < over {
		return
	}
	c.logger.Info("X-Ray takes documents again.", zap.String("after", c.code), zap.Duration("lasted", now.Sub(c.since).Round(time.Second)))
	c.code = ""
	c.logged = nil
	c.ill.Store(false)
}

// maxLogged cuts an error's text, in bytes.
const maxLogged = 1000

func shorten(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return s[:maxLogged] + "…"
}
