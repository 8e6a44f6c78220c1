package awsxraylambdaexporter

import "sync"

// cache remembers what was made of a content, so that what repeats from request
// to request (resources, lists of attribute names) is made once. A key is the
// content itself, see appendKey. It is safe for concurrent use.
type cache[V any] struct {
	maxEntries int
	maxKey     int // bytes; above it nothing is kept

	mu      sync.RWMutex
	entries map[string]V
}

// get returns what is kept for key. It does not allocate.
func (c *cache[V]) get(key []byte) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.entries[string(key)]
	return v, ok
}

// put keeps v. A full cache starts anew: contents that do not repeat would fill
// it again whatever was thrown out.
func (c *cache[V]) put(key []byte, v V) {
	if len(key) > c.maxKey {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= c.maxEntries {
		c.entries = make(map[string]V)
	}
	c.entries[string(key)] = v
}
