package xray

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// boltJournal keeps documents in a bbolt file: key is the arrival number, which
// ascends, the value a head and the document. Whoever appends does not wait for the
// disk: a goroutine writes what has come, every 20 ms or as soon as there are 500.
type boltJournal struct {
	db    *bbolt.DB
	known uint64 // arrival numbers up to it are in the file already

	mu      sync.Mutex
	pending []change
	bytes   int           // of pending
	asked   uint64        // changes so far
	done    uint64        // of these in the file
	err     error         // the first; nothing is written after it
	written chan struct{} // closed and replaced when done or err changes
	more    chan struct{} // capacity 1: there is something to write
	closed  chan struct{}
	end     sync.WaitGroup
}

// change is a document to write, or with a nil value one to remove.
type change struct {
	arrival uint64
	value   []byte
}

const (
	journalPause = 20 * time.Millisecond
	journalBatch = 500
	maxPending   = 64 << 20 // bytes that wait for the disk; then appending waits too
)

var documentsBucket = []byte("documents")

// head is what precedes a document: its source, the number of rules it breaks, and
// the time of its arrival in nanoseconds.
const headSize = 10

// OpenStore returns a store that begins with the documents in a file and keeps its
// own in it, so that they survive the process, whatever ends it. A file that is not
// there is made. progress, if it is not nil, is told how many documents have been
// read. The caller closes the store.
func OpenStore(file string, progress func(documents int), opts ...StoreOption) (*Store, error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: another program has it open", file)
	case err != nil:
		return nil, fmt.Errorf("%s: %w (is it a file of this program?)", file, err)
	}
	s := NewStore(opts...)
	j := &boltJournal{
		db: db, written: make(chan struct{}), more: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	if err := j.load(s, progress); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", file, err), db.Close())
	}
	j.end.Go(j.run)
	return s, nil
}

// load puts what is in the file into the store, and itself behind it.
func (j *boltJournal) load(s *Store, progress func(int)) error {
	err := j.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(documentsBucket)
		if err != nil {
			return err
		}
		if key, _ := b.Cursor().Last(); len(key) == 8 {
			j.known = binary.BigEndian.Uint64(key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = j
	n := 0
	return j.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(documentsBucket).ForEach(func(key, value []byte) error {
			if len(key) != 8 || len(value) < headSize {
				return fmt.Errorf("a document's key has %d bytes and its value %d", len(key), len(value))
			}
			a := Arrival{Document: value[headSize:], Source: sources[min(int(value[0]), len(sources)-1)], Time: time.Unix(0, int64(binary.BigEndian.Uint64(value[2:])))}
			d, err := readDocument(a.Document)
			if err != nil {
				return err // only what could be read was written
			}
			s.arrival = binary.BigEndian.Uint64(key)
			s.health.documents++
			s.put(a, d, s.arrival, int(value[1]))
			if n++; progress != nil && n%1000 == 0 {
				progress(n)
			}
			return nil
		})
	})
}

func (j *boltJournal) append(arrival uint64, a Arrival, violations int) {
	if arrival <= j.known {
		return
	}
	value := make([]byte, headSize, headSize+len(a.Document))
	value[0], value[1] = sourceOf(a.Source), uint8(min(violations, 255))
	binary.BigEndian.PutUint64(value[2:], uint64(a.Time.UnixNano()))
	j.add(change{arrival, append(value, a.Document...)})
}

func (j *boltJournal) remove(arrival uint64) { j.add(change{arrival: arrival}) }

func (j *boltJournal) add(c change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.bytes > maxPending && j.err == nil {
		written := j.written
		j.mu.Unlock()
		<-written
		j.mu.Lock()
	}
	if j.err != nil {
		return // sync says so
	}
	j.pending = append(j.pending, c)
	j.bytes += len(c.value)
	j.asked++
	if len(j.pending) == 1 || len(j.pending) == journalBatch {
		select {
		case j.more <- struct{}{}:
		default:
		}
	}
}

// run writes what is pending until the journal is closed.
func (j *boltJournal) run() {
	for {
		select {
		case <-j.more:
		case <-j.closed:
			j.write()
			return
		}
		j.mu.Lock()
		full := len(j.pending) >= journalBatch
		j.mu.Unlock()
		if !full {
			pause := time.NewTimer(journalPause)
			select {
			case <-pause.C:
			case <-j.more: // there are enough now
			case <-j.closed:
			}
			pause.Stop()
		}
		j.write()
	}
}

func (j *boltJournal) write() {
	j.mu.Lock()
	batch := j.pending
	j.pending, j.bytes = nil, 0
	j.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	err := j.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(documentsBucket)
		b.FillPercent = 0.9 // keys ascend
		for _, c := range batch {
			key := binary.BigEndian.AppendUint64(nil, c.arrival)
			var err error
			if c.value == nil {
				err = b.Delete(key)
			} else {
				err = b.Put(key, c.value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
	j.done += uint64(len(batch))
	close(j.written)
	j.written = make(chan struct{})
}

// sync waits until all changes so far are in the file.
func (j *boltJournal) sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for want := j.asked; j.done < want && j.err == nil; {
		written := j.written
		j.mu.Unlock()
		<-written
		j.mu.Lock()
	}
	if j.err != nil {
		return fmt.Errorf("write the documents: %w", j.err)
	}
	return nil
}

func (j *boltJournal) close() error {
	close(j.closed)
	j.end.Wait()
	return errors.Join(j.sync(), j.db.Close())
}

// Sync waits until everything that was added before is in the store's file. Without
// a file it returns at once.
func (s *Store) Sync() error { return s.journal.sync() }

// Close writes what is left and closes the file; the store must not be used any
// more.
func (s *Store) Close() error { return s.journal.close() }
