package jsonenc

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestAppendIntMember(t *testing.T) {
	for _, n := range []int64{0, 7, 42, 404, 65535, -1, math.MaxInt64, math.MinInt64} {
		if got, want := string(AppendIntMember(nil, "n", n)), `"n":`+strconv.FormatInt(n, 10); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestAppendFloat holds all floats to strconv's shortest form.
func TestAppendFloat(t *testing.T) {
	check := func(f float64) {
		t.Helper()
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
			want = strconv.FormatFloat(f, 'e', -1, 64)
		}
		if got := string(AppendFloat(nil, f)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for n := range 200_000 {
		check(float64(n) / 1000)
		check(-float64(n) / 1000)
		check(float64(n)*0.1 + 0.2) // mostly no thousandths
	}
	for _, f := range []float64{
		0, math.Copysign(0, -1), 0.0005, 1e-3, 1e-6, 1e-7, 129.95, 1e9 - 0.001, 1e9, 1e12, 1e20, 1e21, 1e300, 1 << 53,
		math.Nextafter(129.95, 0), math.Nextafter(129.95, 200), math.Nextafter(0.001, 0), math.MaxFloat64, math.SmallestNonzeroFloat64,
	} {
		check(f)
		check(-f)
	}
}

func TestAppendSeconds(t *testing.T) {
	for _, c := range []struct {
		ns   int64
		want string
	}{
		{0, "0"},
		{1, "0.000000001"},
		{1_500_000_000, "1.5"},
		{1793534400123456789, "1793534400.123456789"},
		{1793534400000000000, "1793534400"},
		{999_999_999_999_999_999, "999999999.999999999"},
		{-1_500_000_000, "-1.5"},
		{math.MaxInt64, "9223372036.854775807"},
		{math.MinInt64, "-9223372036.854775807"},
	} {
		if got := string(AppendSeconds(nil, c.ns)); got != c.want {
			t.Errorf("%d: got %s, want %s", c.ns, got, c.want)
		}
	}
}

// TestEightDigits has every value of four digits in both halves: they do not
// meet.
func TestEightDigits(t *testing.T) {
	for n := range uint64(1e4) {
		got := eightDigits(n*1e4+9999-n) + '0'*ones
		want := fmt.Sprintf("%04d%04d", n, 9999-n)
		if s := string(binary.LittleEndian.AppendUint64(nil, got)); s != want {
			t.Fatalf("got %s, want %s", s, want)
		}
	}
}

func FuzzAppendSeconds(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(1793534400123456789))
	f.Fuzz(func(t *testing.T, ns int64) {
		if ns < 0 {
			t.Skip()
		}
		got := string(AppendSeconds(nil, ns))
		sec, frac, _ := strings.Cut(got, ".")
		s, err := strconv.ParseInt(sec, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if s*1e9+n != ns || strings.HasSuffix(frac, "0") {
			t.Fatalf("%d became %s", ns, got)
		}
	})
}
