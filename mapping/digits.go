package mapping

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"

	"go.opentelemetry.io/otel/trace"
)

// appendInt writes a member whose value is an integer. Most are HTTP statuses and
// line numbers, which have two or three digits.
//
//go:noinline
func appendInt(dst []byte, key string, n int64) []byte {
	dst = appendKey(dst, key)
	if n < 10 || n >= 1000 {
		return strconv.AppendInt(dst, n, 10)
	}
	if n >= 100 {
		dst = append(dst, byte('0'+n/100))
	}
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}

func appendFloat(dst []byte, f float64) []byte {
	// Prices and milliseconds have three decimals at most. Two numbers of 15 digits
	// are never the same float64, so this is its shortest form.
	if n := math.Round(f * 1000); n > -1e12 && n < 1e12 && n/1000 == f && n != 0 {
		return appendDecimal(dst, int64(n), 1000)
	}
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// appendSeconds writes nanoseconds as exact decimal seconds.
func appendSeconds(dst []byte, ns int64) []byte {
	if ns < 1e18 { // not between 2001 and 2262, which have ten digits
		return appendDecimal(dst, max(ns, -math.MaxInt64), 1e9) // one nanosecond off in 1677
	}
	sec := uint64(ns) / 1e9
	frac := uint64(ns) - sec*1e9
	n := len(dst)
	dst = extend(dst, len("1234567890.123456789"))
	out := (*[20]byte)(dst[n:])
	top := sec / 1e8
	out[0], out[1] = byte('0'+top/10), byte('0'+top%10)
	binary.LittleEndian.PutUint64(out[2:], '0'*ones+eightDigits(sec-top*1e8))
	if frac == 0 {
		return dst[:n+10]
	}
	top = frac / 1e8
	digits := eightDigits(frac - top*1e8)
	out[10], out[11] = '.', byte('0'+top)
	binary.LittleEndian.PutUint64(out[12:], '0'*ones+digits)
	return dst[:len(dst)-bits.LeadingZeros64(digits)/8]
}

// appendDecimal writes n/unit, unit being a power of ten.
func appendDecimal(dst []byte, n, unit int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	dst = strconv.AppendInt(dst, n/unit, 10)
	n %= unit
	if n == 0 {
		return dst
	}
	point := len(dst)
	dst = strconv.AppendInt(dst, unit+n, 10) // the 1 keeps the zeros
	dst[point] = '.'
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	return dst[:end]
}

// eightDigits returns the decimal digits of n, below 1e8, one a byte, the first in
// the lowest. It halves all lanes of the word at once: to four digits, two, one.
// With n/100 for n < 10,000 being n*5243>>19, and n/10 for n < 100 n*103>>10.
func eightDigits(n uint64) uint64 {
	v := n/1e4 | n%1e4<<32
	q := v * 5243 >> 19 & 0x7f0000007f
	v = q | (v-q*100)<<16
	q = v * 103 >> 10 & 0x0f000f000f000f
	return q | (v-q*10)<<8
}

// hexDigitsOf returns the hexadecimal digits of four bytes, the first byte in
// the lowest of v.
func hexDigitsOf(v32 uint32) uint64 {
	v := uint64(v32)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = v>>4&0x000f000f000f000f | v&0x000f000f000f000f<<8
	letters := (v + 6*ones) >> 4 & ones
	return v + '0'*ones + letters*('a'-'9'-1)
}

//go:noinline
func appendSpanID(dst []byte, id trace.SpanID) []byte {
	n := len(dst)
	dst = extend(dst, len(`"0123456789abcdef"`))
	out := (*[18]byte)(dst[n:])
	out[0] = '"'
	putHex((*[8]byte)(out[1:]), id[:4])
	putHex((*[8]byte)(out[9:]), id[4:])
	out[17] = '"'
	return dst
}

// appendTraceID writes a W3C trace id as X-Ray's 1-8hex-24hex.
//
//go:noinline
func appendTraceID(dst []byte, id trace.TraceID) []byte {
	n := len(dst)
	dst = extend(dst, len(`"1-01234567-89abcdef0123456789abcdef"`))
	out := (*[37]byte)(dst[n:])
	out[0], out[1], out[2] = '"', '1', '-'
	putHex((*[8]byte)(out[3:]), id[:4])
	out[11] = '-'
	putHex((*[8]byte)(out[12:]), id[4:8])
	putHex((*[8]byte)(out[20:]), id[8:12])
	putHex((*[8]byte)(out[28:]), id[12:])
	out[36] = '"'
	return dst
}

// putHex writes four bytes as hexadecimal digits.
func putHex(dst *[8]byte, src []byte) {
	binary.LittleEndian.PutUint64(dst[:], hexDigitsOf(binary.LittleEndian.Uint32(src)))
}
