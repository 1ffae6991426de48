// Package logcopy turns the log of a release into text that is kept in hidden HTML comments on its tracking issue, and
// back. From such a copy `bot recover` rebuilds a database that was lost.
//
// A copy holds all entries from the first one on, compressed. Where it is long it consists of several parts, one
// comment each. Older copies may stand beside the newest one, which counts. Every part is signed together with what it
// belongs to (log, repository, issue, entries, which part), so that nobody can make, change, move or mix copies. What
// it says is no secret: the log is told on the issue anyway.
//
// Each reply carries a mark as well: the signed number of the newest entry that counts. A copy that ends before the
// newest mark is an old one.
package logcopy

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Entry is one entry of a log.
type Entry struct {
	Seq  int // 1, 2, 3 ...
	At   time.Time
	Kind string
	Data []byte // kept byte for byte
}

// Subject is what a copy is about: a log by its id, on an issue of a repository.
type Subject struct {
	Log   string
	Repo  int64 // GitHub's id of the repository
	Issue int
}

const (
	// longest is how much encoded data one part holds, in characters. GitHub takes 65,536 in a comment, and the header
	// and a sentence for people stand there too.
	longest = 60_000
	// largest is how many bytes a copy may have when it is decompressed.
	largest = 256 << 20
)

// letters has no dash, so that nothing in it can end an HTML comment: base64url with a dot in its place.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"

func alphabet() *base64.Encoding {
	return base64.NewEncoding(letters).WithPadding(base64.NoPadding).Strict()
}

// pack turns entries into compressed text.
func pack(entries []Entry) (string, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("compress the copy of a log: %w", err)
	}
	var raw []byte
	before := int64(0)
	for i, e := range entries {
		if e.Seq != i+1 {
			return "", fmt.Errorf("copy a log: entry %d has the number %d", i+1, e.Seq)
		}
		at := e.At.UnixNano()
		raw = binary.AppendVarint(raw[:0], at-before)
		raw = append(binary.AppendUvarint(raw, uint64(len(e.Kind))), e.Kind...)
		raw = append(binary.AppendUvarint(raw, uint64(len(e.Data))), e.Data...)
		before = at
		if _, err := w.Write(raw); err != nil {
			return "", fmt.Errorf("compress the copy of a log: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("compress the copy of a log: %w", err)
	}
	return alphabet().EncodeToString(out.Bytes()), nil
}

// unpack is the inverse of pack. Its text was signed, so whatever is wrong with it was wrong when it was written.
func unpack(text string, want int) ([]Entry, error) {
	packed, err := alphabet().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read the copy of a log: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), largest))
	if err != nil {
		return nil, fmt.Errorf("decompress the copy of a log: %w", err)
	}
	var entries []Entry
	at, r := int64(0), bytes.NewReader(raw)
	for r.Len() > 0 {
		since, err := binary.ReadVarint(r)
		kind, err1 := field(r)
		data, err2 := field(r)
		if err := errors.Join(err, err1, err2); err != nil {
			return nil, fmt.Errorf("read entry %d of the copy of a log: %w", len(entries)+1, err)
		}
		at += since
		entries = append(entries, Entry{Seq: len(entries) + 1, At: time.Unix(0, at).UTC(), Kind: string(kind),
			Data: data})
	}
	if len(entries) != want {
		return nil, fmt.Errorf("the copy of a log holds %d entries, and says that it holds %d", len(entries), want)
	}
	return entries, nil
}

// field reads bytes behind their length.
func field(r *bytes.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	if n > uint64(r.Len()) {
		return nil, io.ErrUnexpectedEOF
	}
	data := make([]byte, n)
	_, err = io.ReadFull(r, data)
	return data, err
}
