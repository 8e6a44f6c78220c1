package xray

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

func reopen(t *testing.T, file string, opts ...StoreOption) *Store {
	t.Helper()
	s, err := OpenStore(file, nil, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// keysIn counts the documents in a file.
func keysIn(t *testing.T, file string) (n int) {
	t.Helper()
	db, err := bbolt.Open(file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bbolt.Tx) error {
		n = tx.Bucket(documentsBucket).Stats().KeyN
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestJournal: a store that is opened again is the one that was closed, and the file
// has no more than it shows.
func TestJournal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "traces")
	s := reopen(t, file, WithMaxTraces(50))
	for i := range 60 {
		for _, d := range []string{
			doc("front", "1", "", 1, 0), doc("front", "1", "", 1, 9, `"Dummy":1`, nested(doc("sub:S3", "2", "", 2, 3, awsCall))), doc("sub:late", "3", "2", 4, 5),
		} {
			if _, err := s.Add(Arrival{Document: []byte(in(traceNo(i), d)), Source: "udp"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	graph, ids := s.ServiceGraph(zero, zero), s.TraceIDs()
	trace, err := s.pageTrace(traceNo(59))
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	if n := keysIn(t, file); n != 100 { // the first of each was replaced
		t.Errorf("%d documents in the file, want 100", n)
	}
	s = reopen(t, file, WithMaxTraces(50))
	if diff := cmp.Diff(graph, s.ServiceGraph(zero, zero)); diff != "" {
		t.Errorf("graph (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(ids, s.TraceIDs()); diff != "" {
		t.Errorf("traces (-before +after):\n%s", diff)
	}
	again, err := s.pageTrace(traceNo(59))
	if err != nil {
		t.Fatal(err)
	}
	trace.Seq, again.Seq = 0, 0
	if diff := cmp.Diff(trace, again); diff != "" {
		t.Errorf("trace (-before +after):\n%s", diff)
	}
	// A document after that has a number of its own, and smaller bounds are kept.
	if err := s.Put([]byte(in(traceNo(59), doc("sub:more", "4", "1", 4, 5)))); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = reopen(t, file, WithMaxTraces(10))
	if n := len(s.TraceIDs()); n != 10 || len(s.Documents(traceNo(59))[0].Subsegments) != 2 {
		t.Errorf("%d traces", n)
	}
	closeStore(t, s)
	if n := keysIn(t, file); n != 21 {
		t.Errorf("%d documents in the file, want 21", n)
	}
}

func TestJournalErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := OpenStore(garbage, nil)
	checkError(t, err, "is it a file of this program")
	_, err = OpenStore(filepath.Join(dir, "none", "x"), nil)
	checkError(t, err, "no such file")
	taken := filepath.Join(dir, "taken")
	s := reopen(t, taken)
	_, err = OpenStore(taken, nil)
	checkError(t, err, "another program")
	if err := s.journal.(*boltJournal).db.Close(); err != nil { // as a disk that is full
		t.Fatal(err)
	}
	if err := s.Put([]byte(doc("front", "1", "", 1, 9))); err != nil {
		t.Fatal(err)
	}
	checkError(t, s.Sync(), "write the documents")
	checkError(t, s.Close(), "write the documents")
}

// BenchmarkJournal is the way of a document into a store with a file.
func BenchmarkJournal(b *testing.B) {
	s, err := OpenStore(filepath.Join(b.TempDir(), "traces"), nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if err := s.Put([]byte(benchDocument(i/benchDocuments, i%benchDocuments))); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Sync(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
