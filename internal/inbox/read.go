package inbox

import (
	"bytes"
	"io"
	"net/http"
)

// readAll reads the body, already limited, and puts it back.
func readAll(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
