//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// endings are the signals that end the program. SIGPIPE is one of them, so that a file beside the
// pipe that has broken does not stay unfinished.
var endings = []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE}

// duplicate returns the file that this process has open under a number, or nil.
func duplicate(number int, path string) *os.File {
	number, err := syscall.Dup(number)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(number), path)
}

// alive reports whether there is a process of this number.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return err == nil && !errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
