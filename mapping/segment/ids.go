package segment

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

const traceIDLen = len("1-01234567-89abcdef0123456789abcdef")

// TraceID spells a W3C trace id as X-Ray does: 1-<8 hex digits>-<24 hex digits>.
func TraceID(id trace.TraceID) string {
	return string(AppendTraceID(make([]byte, 0, traceIDLen), id))
}

// AppendTraceID appends what [TraceID] returns.
func AppendTraceID(dst []byte, id trace.TraceID) []byte {
	dst = append(dst, "1-"...)
	dst = hex.AppendEncode(dst, id[:4])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[4:])
}

// ParseTraceID reads a trace id as X-Ray spells it, in digits of either case. The
// zero id is an error: OpenTelemetry has no such trace.
func ParseTraceID(s string) (trace.TraceID, error) {
	var id trace.TraceID
	if isTraceID(s) {
		hex.Decode(id[:4], []byte(s[2:10]))
		hex.Decode(id[4:], []byte(s[11:]))
	}
	if !id.IsValid() {
		return id, fmt.Errorf("trace id %q: must be 1-<8 hex digits>-<24 hex digits>, not all zero", prefix([]byte(s)))
	}
	return id, nil
}

func isTraceID(s string) bool {
	return len(s) == traceIDLen && s[:2] == "1-" && isHex(s[2:10]) && s[10] == '-' && isHex(s[11:])
}

func isHex(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// Seconds spells a time as X-Ray does: decimal seconds since 1970, exact to the
// nanosecond, without trailing zeros.
func Seconds(t time.Time) json.Number {
	sec, ns := t.Unix(), t.Nanosecond()
	sign := ""
	if sec < 0 {
		sign = "-"
		sec, ns = -sec, -ns
		if ns < 0 {
			sec, ns = sec-1, ns+1e9
		}
	}
	s := sign + strconv.FormatInt(sec, 10)
	if ns != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%09d", ns), "0")
	}
	return json.Number(s)
}

// Time reads a time of a document: exact to the nanosecond, or to the
// microsecond in exponent notation. What lies before 1970 or after the year 5000
// was not given in seconds and is an error.
func Time(seconds json.Number) (time.Time, error) {
	f, err := seconds.Float64()
	if err != nil || !(f >= 0 && f <= MaxTime) {
		return time.Time{}, fmt.Errorf("time %q: must be seconds since 1970", prefix([]byte(seconds)))
	}
	whole, fraction, _ := strings.Cut(string(seconds), ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.ContainsAny(fraction, "eE") {
		whole, rest := math.Modf(f)
		return time.Unix(int64(whole), int64(math.Round(rest*1e6))*1e3), nil
	}
	ns, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(sec, ns), nil
}
