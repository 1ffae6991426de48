//go:build unix

package webhook

import (
	"fmt"
	"syscall"
)

// allocate makes room for a body. That of a large one goes back to the system at once: as garbage, one after the other,
// it would let the heap grow to a multiple of the budget before it is collected.
func allocate(bytes int) (memory []byte, free func(), err error) {
	if bytes <= smallBody {
		return make([]byte, bytes), func() {}, nil
	}
	memory, err = syscall.Mmap(-1, 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, fmt.Errorf("make room for a body of %d bytes: %w", bytes, err)
	}
	return memory, func() { _ = syscall.Munmap(memory) }, nil
}
