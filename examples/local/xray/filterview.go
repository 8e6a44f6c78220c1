package xray

// view is what a filter expression looks at: a whole trace, or within
// service(…){…} and edge(…){…} one segment or one call.
type view struct {
	trace *compiledTrace
	part  *part // the root segment of a whole trace
	whole bool
}

// call is an edge of one trace.
type call struct {
	from, to *part
	call     view
}

// match reports whether a trace matches; a nil filter matches all.
func (f *Filter) match(t *compiledTrace) bool {
	return f == nil || f.matches(view{trace: t, part: t.root(), whole: true})
}

// Whole traces answer for their root segment where X-Ray's documentation speaks
// of the root, and for all segments with users and annotations.
var booleanKeywords = map[string]func(view) bool{
	"ok": func(v view) bool {
		d := v.part.doc
		return !d.InProgress && !d.Error && !d.Fault && !d.Throttle
	},
	"error":    func(v view) bool { return v.part.doc.Error },
	"fault":    func(v view) bool { return v.part.doc.Fault },
	"throttle": func(v view) bool { return v.part.doc.Throttle },
	"partial": func(v view) bool {
		if v.whole {
			return v.trace.partial
		}
		return v.part.doc.InProgress
	},
}

var numberKeywords = map[string]func(view) (float64, bool){
	"responsetime": func(v view) (float64, bool) { return between(v.part.start, v.part.end), !v.part.doc.InProgress },
	"duration": func(v view) (float64, bool) {
		if v.whole {
			return between(v.trace.start, v.trace.end), true
		}
		return between(v.part.start, v.part.lastEnd()), true
	},
	"http.status": func(v view) (float64, bool) {
		h := v.part.doc.HTTP
		if h == nil || h.Response.Status == 0 {
			return 0, false
		}
		return float64(h.Response.Status), true
	},
}

var stringKeywords = map[string]func(view) []string{
	"http.url":       func(v view) []string { return some(v.request().URL) },
	"http.method":    func(v view) []string { return some(v.request().Method) },
	"http.useragent": func(v view) []string { return some(v.request().UserAgent) },
	"http.clientip":  func(v view) []string { return some(v.request().ClientIP) },
	"name":           func(v view) []string { return some(v.part.doc.Name) },
	"type":           func(v view) []string { return some(v.part.doc.Origin) },
	"user": func(v view) (users []string) {
		v.walk(func(p *part) { users = append(users, some(p.doc.User)...) })
		return users
	},
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (v view) request() HTTPSummary {
	h := v.part.doc.HTTP
	if h == nil {
		return HTTPSummary{}
	}
	return HTTPSummary{URL: h.Request.URL, Method: h.Request.Method, UserAgent: h.Request.UserAgent, ClientIP: h.Request.ClientIP}
}

// walk calls f with every part in view.
func (v view) walk(f func(*part)) {
	if !v.whole {
		v.part.walk(f)
		return
	}
	for _, top := range v.trace.tops {
		top.walk(f)
	}
}

func (v view) annotations(key string) (values []any) {
	v.walk(func(p *part) {
		if value, ok := p.doc.Annotations[key]; ok {
			values = append(values, value)
		}
	})
	return values
}

// services returns the segments, inferred ones too; of a single segment itself.
func (v view) services() (views []view) {
	if !v.whole {
		return []view{v}
	}
	for _, top := range v.trace.tops {
		if top.segment {
			views = append(views, view{trace: v.trace, part: top})
		}
	}
	return views
}

func (v view) edges() (calls []call) {
	for _, s := range v.services() {
		c, from := v.trace.callerOf(s.part)
		if from != nil && from.segment {
			calls = append(calls, call{from: from, to: s.part, call: view{trace: v.trace, part: c}})
		}
	}
	return calls
}
