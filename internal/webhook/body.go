package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

const (
	// MaxBody is the largest body that GitHub sends (docs.github.com, Webhook events and payloads: 25 MB).
	MaxBody = 25 << 20
	// smallBody is the largest body of a usual delivery: the mean is 13 KB.
	smallBody = 256 << 10
	// smallBytes and MaxBody bound what all bodies that are being read take: nobody knows yet who sent them. Small
	// bodies have a budget of their own, so that no large one keeps them out.
	smallBytes = 8 << 20
	// bodyTime is how long a body may take. GitHub gives up after ten seconds (Best practices for using webhooks).
	bodyTime = 10 * time.Second
)

// budget is what bodies may take together.
type budget struct{ small, large *lane }

func newBudget() *budget {
	return &budget{
		small: &lane{size: smallBytes, grace: 100 * time.Millisecond, patience: 5 * time.Second},
		large: &lane{size: MaxBody + 1, grace: 3 * time.Second, patience: 5 * time.Second},
	}
}

// Why a body was not read.
var (
	errTooLarge = errors.New("the body is larger than 25 MiB")
	errBusy     = errors.New("too many bytes are in flight")
	errUnsigned = errors.New("the signature is wrong")
)

// signature reads the header of a signature; ok is false where it cannot be one, so that its body need not be read.
func signature(r *http.Request) (sum []byte, ok bool) {
	text, ok := strings.CutPrefix(r.Header.Get(github.SHA256SignatureHeader), "sha256=")
	sum, err := hex.DecodeString(text)
	return sum, ok && err == nil && len(sum) == sha256.Size
}

// read reads the body of a request into a part of the budget, and finds the number of the secret that signed it. The
// body is valid until done is called, which gives the part back.
func (b *budget) read(
	w http.ResponseWriter, r *http.Request, sum []byte, secrets []string,
) (body []byte, signer int, done func(), err error) {
	if r.ContentLength > MaxBody {
		return nil, 0, nil, errTooLarge
	}
	in := &incoming{
		budget: b, from: http.MaxBytesReader(w, r.Body, MaxBody), control: http.NewResponseController(w),
		macs: make([]hash.Hash, len(secrets)),
	}
	for i, secret := range secrets {
		in.macs[i] = hmac.New(sha256.New, []byte(secret))
	}
	late := time.AfterFunc(bodyTime, in.stop)
	defer late.Stop()
	if err := in.all(r.Context(), r.ContentLength); err != nil {
		in.done()
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			err = errTooLarge
		}
		return nil, 0, nil, err
	}
	for i, mac := range in.macs {
		if hmac.Equal(mac.Sum(nil), sum) {
			return in.body, i, in.done, nil
		}
	}
	in.done()
	return nil, 0, nil, errUnsigned
}

// incoming is a body that is being read.
type incoming struct {
	*budget
	from    io.Reader
	control *http.ResponseController
	macs    []hash.Hash
	held    *hold
	free    func() // gives the memory of body back
	body    []byte
}

// stop ends the reading, from any goroutine: what is read next fails.
func (in *incoming) stop() { _ = in.control.SetReadDeadline(time.Unix(1, 0)) }

// all reads the whole body, of which length bytes were announced, -1 for unknown. One of unknown length is small until
// it is not.
func (in *incoming) all(ctx context.Context, length int64) error {
	room := int(length)
	if length < 0 {
		room = smallBody
	}
	if err := in.reserve(ctx, room); err != nil {
		return err
	}
	err := in.fill()
	if err == nil && length < 0 && len(in.body) == cap(in.body) {
		if err = in.reserve(ctx, MaxBody+1); err == nil {
			err = in.fill()
		}
	}
	if !in.held.arrived() {
		return errBusy
	}
	return err
}

// reserve takes a part of the budget, and memory for it, and moves there what was read.
func (in *incoming) reserve(ctx context.Context, room int) error {
	lane := in.small
	if room > smallBody {
		lane = in.large
	}
	held, ok := lane.take(ctx, room, in.stop)
	if !ok {
		return errBusy
	}
	memory, free, err := allocate(room)
	if err != nil {
		held.done()
		return err
	}
	body := append(memory[:0], in.body...)
	in.done()
	in.held, in.free, in.body = held, free, body
	return nil
}

// fill reads until the body ends or its memory is full.
func (in *incoming) fill() error {
	for len(in.body) < cap(in.body) {
		n, err := in.from.Read(in.body[len(in.body):cap(in.body)])
		for _, mac := range in.macs {
			mac.Write(in.body[len(in.body) : len(in.body)+n])
		}
		in.body = in.body[:len(in.body)+n]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// done gives back what was reserved.
func (in *incoming) done() {
	if in.held == nil {
		return
	}
	in.free()
	in.held.done()
	in.held, in.body = nil, nil
}
