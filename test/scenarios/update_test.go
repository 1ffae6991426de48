package scenarios

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/slipway-dev/slipway/test/contract"
)

// contractFront holds every exchange with the API against GitHub's description.
func contractFront(c *contract.Checker) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		checked := c.Middleware(next, "/api/v3")
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/v3/") {
				checked.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

var writing sync.Mutex

// updateFile writes one golden text into the archive of the running script.
func updateFile(ts *testscript.TestScript, file, text string) {
	writing.Lock()
	defer writing.Unlock()
	path := filepath.Join(of(ts).dir, ts.Name()+".txtar")
	archive, err := txtar.ParseFile(path)
	ts.Check(err)
	found := false
	for i := range archive.Files {
		if archive.Files[i].Name == file {
			archive.Files[i].Data, found = []byte(text), true
		}
	}
	if !found {
		archive.Files = append(archive.Files, txtar.File{Name: file, Data: []byte(text)})
	}
	ts.Check(os.WriteFile(path, txtar.Format(archive), 0o644))
}
