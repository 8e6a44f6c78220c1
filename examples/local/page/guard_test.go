package page

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRequestsOfOthersAreRefused(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, tt := range []struct {
		why, listen, method, host string
		header                    map[string]string
		want                      int
	}{
		{"its own address", "127.0.0.1:3001", "POST", "127.0.0.1:3001", nil, 204},
		{"by name", "127.0.0.1:3001", "POST", "localhost:3001", nil, 204},
		{"over IPv6", "[::1]:3001", "POST", "[::1]:3001", nil, 204},
		{"a name that was made point here", "127.0.0.1:3001", "GET", "evil.example.com:3001", nil, 421},
		{"no host", "127.0.0.1:3001", "GET", "", nil, 421},
		{"another address of a machine that serves on one", "127.0.0.1:3001", "GET", "192.0.2.7:3001", nil, 421},
		{"an address of a machine that serves on all", "0.0.0.0:3001", "GET", "192.0.2.7:3001", nil, 204},
		{"a name of a machine that serves on all", ":3001", "GET", "evil.example.com", nil, 421},
		{"the name that is served on", "laptop.example.com:3001", "GET", "Laptop.example.com:3001", nil, 204},
		{"from its own page", "127.0.0.1:3001", "POST", "127.0.0.1:3001", map[string]string{"Origin": "http://127.0.0.1:3001"}, 204},
		{"from another site's page", "127.0.0.1:3001", "POST", "127.0.0.1:3001", map[string]string{"Origin": "https://evil.example.com"}, 403},
		{"from another site's page, by what the browser says", "127.0.0.1:3001", "POST", "127.0.0.1:3001", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	} {
		r := httptest.NewRequest(tt.method, "/api/invoke", nil)
		r.Host = tt.host
		for k, v := range tt.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		Handler(tt.listen, api).ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.why, w.Code, tt.want)
		}
	}
}
