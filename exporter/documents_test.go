package exporter

import (
	"bytes"
	"fmt"
)

// doc returns a document of n bytes.
func doc(i, n int) []byte {
	d := fmt.Appendf(nil, `{"name":"n","id":"%016x","trace_id":"1-00000001-%024x","start_time":1,"end_time":2,"pad":"`, i+1, i+1)
	if pad := n - len(d) - 2; pad > 0 {
		d = append(d, bytes.Repeat([]byte{'x'}, pad)...)
	}
	return append(d, `"}`...)
}

func docs(n, size int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, doc(i, size))
	}
	return all
}
