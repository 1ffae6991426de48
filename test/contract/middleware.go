package contract

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// faultHeader marks the answers that the sandbox spoils when a test asks for it.
const faultHeader = "X-Sandbox-Fault"

// Middleware passes every request on to next unchanged and records it with its answer, when its path begins with
// prefix ("/api/v3"). Checking happens later, beside the caller. Put it next to the sandbox, inside of anything that
// injects faults, because the answers of a fault are not the sandbox's. For uploads of release assets wrap once more,
// with the prefix of the uploads.
func (c *Checker) Middleware(next http.Handler, prefix string) http.Handler {
	prefix = strings.TrimSuffix(prefix, "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
		if !ok || !strings.HasPrefix(path, "/") {
			next.ServeHTTP(w, r)
			return
		}
		e := exchange{method: r.Method, path: path, query: r.URL.RawQuery, requestHeader: r.Header.Clone()}
		e.requestBody = taken(r)

		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)

		e.status, e.responseHeader, e.responseBody = rec.answered()
		if e.responseHeader.Get(faultHeader) != "" {
			return // A test asked for this answer, which is wrong on purpose.
		}
		c.later(e.key(), func() []Problem { return c.check(e) })
	})
}

// taken reads the body and puts it back. It has to be read before the answer: net/http throws away what a handler left
// unread once the answer is on its way.
func taken(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	rest := io.Reader(bytes.NewReader(body))
	if err != nil {
		rest = io.MultiReader(rest, failing{err}) // The handler meets the broken connection where it would have.
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{rest, r.Body}
	return body
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// key is the same for exchanges that the check cannot tell apart. The headers that matter are those of the content.
func (e exchange) key() [32]byte {
	h := sha256.New()
	for _, part := range []string{
		e.method, e.path, e.query,
		e.requestHeader.Get("Content-Type"), e.requestHeader.Get("Accept"), string(e.requestBody),
		fmt.Sprint(e.status), e.responseHeader.Get("Content-Type"), string(e.responseBody),
	} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return [32]byte(h.Sum(nil))
}

// A recorder keeps a copy of an answer on its way.
type recorder struct {
	http.ResponseWriter
	status int
	header http.Header // as it was when the answer began
	body   []byte
}

func (r *recorder) begin(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status, r.header = status, r.Header().Clone()
	}
}

// WriteHeader records the first status that is an answer, not the informational ones before it.
func (r *recorder) WriteHeader(status int) {
	r.begin(status)
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.begin(http.StatusOK)
	r.body = append(r.body, b...)
	return r.ResponseWriter.Write(b)
}

// Flush keeps streamed answers streaming.
func (r *recorder) Flush() {
	r.begin(http.StatusOK)
	if err := http.NewResponseController(r.ResponseWriter).Flush(); errors.Is(err, http.ErrNotSupported) {
		return // The writer below cannot, and the handler would not have known either.
	}
}

// Unwrap lets http.ResponseController reach the writer below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) answered() (int, http.Header, []byte) {
	r.begin(http.StatusOK)
	return r.status, r.header, slices.Clip(r.body)
}
