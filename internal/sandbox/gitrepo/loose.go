package gitrepo

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/adler32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A loose object is the zlib stream of "KIND SIZE\0CONTENT", named by the SHA-1 of that text.

// loose is the file of an object.
func (r *Repo) loose(sha string) string { return filepath.Join(r.Dir, "objects", sha[:2], sha[2:]) }

func readLoose(file string) (object, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return object{}, err
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return object{}, fmt.Errorf("damaged: %w", err)
	}
	var text bytes.Buffer
	text.Grow(len(raw) + 64)
	if _, err := text.ReadFrom(z); err != nil {
		return object{}, fmt.Errorf("damaged: %w", err)
	}
	head, data, _ := bytes.Cut(text.Bytes(), []byte{0})
	kind, size, err := parseHead(string(head))
	if err == nil && size != int64(len(data)) {
		err = fmt.Errorf("damaged: %d bytes instead of %d", len(data), size)
	}
	return object{kind, data}, err
}

func looseInfo(file string) (kind string, size int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	z, err := zlib.NewReader(bufio.NewReaderSize(f, 512))
	if err != nil {
		return "", 0, fmt.Errorf("damaged: %w", err)
	}
	var head [32]byte
	n, err := io.ReadFull(z, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", 0, fmt.Errorf("damaged: %w", err)
	}
	text, _, _ := bytes.Cut(head[:n], []byte{0})
	return parseHead(string(text))
}

func parseHead(head string) (kind string, size int64, err error) {
	kind, number, _ := strings.Cut(head, " ")
	size, err = strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", 0, fmt.Errorf("damaged: header %q", head)
	}
	return kind, size, nil
}

// write makes an object, if it is not there yet.
func (r *Repo) write(kind string, data []byte) (string, error) {
	head := kind + " " + strconv.Itoa(len(data)) + "\x00"
	text := make([]byte, 0, len(head)+len(data))
	text = append(append(text, head...), data...)
	sum := sha1.Sum(text)
	sha := hex.EncodeToString(sum[:])
	file := r.loose(sha)
	if _, err := os.Stat(file); err == nil {
		return sha, nil
	}
	if err := writeLoose(file, stored(text)); err != nil {
		return "", fmt.Errorf("write %s %s: %w", kind, sha, err)
	}
	r.cache.put(sha, object{kind, text[len(head):]})
	return sha, nil
}

// writeLoose puts a whole file into its place, so that no reader ever sees a part of it.
func writeLoose(file string, content []byte) error {
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, "tmp_obj_*")
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		tmp, err = os.CreateTemp(dir, "tmp_obj_*")
	}
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(0o444), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// stored is a zlib stream (RFC 1950) of uncompressed blocks (RFC 1951, 3.2.4). Git reads it like any other, and to
// compress some hundred bytes would cost more than all the rest of writing them.
func stored(text []byte) []byte {
	const most = 65535
	out := make([]byte, 0, len(text)+16+5*(len(text)/most))
	out = append(out, 0x78, 0x01)
	for rest := text; ; {
		block := rest[:min(len(rest), most)]
		rest = rest[len(block):]
		last := byte(0)
		if len(rest) == 0 {
			last = 1
		}
		n := uint16(len(block))
		out = append(out, last, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
		out = append(out, block...)
		if last == 1 {
			sum := adler32.Checksum(text)
			return append(out, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
		}
	}
}
