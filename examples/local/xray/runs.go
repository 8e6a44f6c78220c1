package xray

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Reloaded notes that the function's program has changed: traces that begin from at on
// are another run, which the page tells apart from those before.
func (s *Store) Reloaded(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reloads = append(s.reloads, fromTime(at))
	s.change()
}

// runOf is the number of the run that something at a time is of, from 1; 0 while there
// is only one.
func (s *Store) runOf(at float64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.reloads) == 0 {
		return 0
	}
	i, found := slices.BinarySearch(s.reloads, at)
	if found {
		i++
	}
	return i + 1
}

// asked reads from, to and run. exact says that from and to are bounds of a run, between
// which no other's traces may be.
func (s *Store) asked(q query) (from, to float64, exact bool, err error) {
	if from, to, err = q.between(); err != nil {
		return 0, 0, false, err
	}
	text := q.text("run")
	if text == "" {
		return from, to, false, nil
	}
	s.mu.Lock()
	reloads := slices.Clone(s.reloads)
	s.mu.Unlock()
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(reloads)+1 {
		return 0, 0, false, badParameter("run", "run must be 1 to %d, is %.40q", len(reloads)+1, text)
	}
	if n > 1 {
		from = max(from, reloads[n-2])
	}
	if n <= len(reloads) {
		end := math.Nextafter(reloads[n-1], 0) // the reload itself is of the next run
		if to == 0 || to > end {
			to = end
		}
	}
	return from, to, true, nil
}
