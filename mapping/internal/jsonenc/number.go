package jsonenc

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// AppendFloat appends the shortest decimal that is f again. JSON has no NaN and no
// infinities: they become strings.
func AppendFloat(dst []byte, f float64) []byte {
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

// AppendSeconds appends nanoseconds as exact decimal seconds.
func AppendSeconds(dst []byte, ns int64) []byte {
	if ns < 1e18 { // not between 2001 and 2262, which have ten digits
		return appendDecimal(dst, ns)
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

// appendDecimal is AppendSeconds for any time.
func appendDecimal(dst []byte, ns int64) []byte {
	if ns < 0 {
		dst = append(dst, '-')
		ns = -max(ns, -math.MaxInt64) // one nanosecond off in 1677
	}
	dst = strconv.AppendInt(dst, ns/1e9, 10)
	ns %= 1e9
	if ns == 0 {
		return dst
	}
	point := len(dst)
	dst = strconv.AppendInt(dst, 1e9+ns, 10) // the 1 keeps the zeros
	dst[point] = '.'
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	return dst[:end]
}

// eightDigits returns the decimal digits of n, below 1e8, one a byte, the first in
// the lowest. It halves all lanes of the word at once: to four digits, two, one.
// Mapping the six-span trace takes 5 % longer with strconv, for its twelve times.
// With n/100 for n < 10,000 being n*5243>>19, and n/10 for n < 100 n*103>>10.
func eightDigits(n uint64) uint64 {
	v := n/1e4 | n%1e4<<32
	q := v * 5243 >> 19 & 0x7f0000007f
	v = q | (v-q*100)<<16
	q = v * 103 >> 10 & 0x0f000f000f000f
	return q | (v-q*10)<<8
}
