package batch

import "sync"

// Cache remembers what was made of a content, so that what repeats from request
// to request (resources, lists of attribute names) is made once. A key is the
// content itself. It is safe for concurrent use.
type Cache[V any] struct {
	MaxEntries int
	MaxKey     int // bytes; above it nothing is kept

	mu      sync.RWMutex
	entries map[string]V
}

// Get returns what is kept for key. It does not allocate.
func (c *Cache[V]) Get(key []byte) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.entries[string(key)]
	return v, ok
}

// Put keeps v. A full cache starts anew: contents that do not repeat would fill
// it again whatever was thrown out.
func (c *Cache[V]) Put(key []byte, v V) {
	if len(key) > c.MaxKey {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= c.MaxEntries {
		c.entries = make(map[string]V)
	}
	c.entries[string(key)] = v
}
