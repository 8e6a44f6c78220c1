package xraytest

// T is what the helpers need of a testing.TB, so that programs can use this
// package without linking package testing. The functions that take one report
// what goes wrong to it and clean up after themselves.
type T interface {
	Helper()
	Cleanup(f func())
	Error(args ...any)
	Fatal(args ...any)
	Setenv(key, value string)
}
