// Command bodies writes bodies for the tests, each after its length in bytes (32 bits, little
// endian): first every field with every value of the generator, and then as many bodies, changed
// at random, as it is told to. The same numbers give the same bodies.
package main

import (
	"bufio"
	"encoding/binary"
	"log"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/singles"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: bodies COUNT SEED")
	}
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	seed, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	write := func(body []byte) {
		var length [4]byte
		binary.LittleEndian.PutUint32(length[:], uint32(len(body)))
		out.Write(length[:])
		out.Write(body)
	}
	for body := range singles.All() {
		write(body)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	// Each change takes a few bytes: most bodies have few changes, so that most are JSON.
	choices := make([]byte, 80)
	for range count {
		for i := range choices {
			choices[i] = byte(random.Uint32())
		}
		write(contacttest.FromBytes(choices[:random.IntN(len(choices))]).Body())
	}
	// A Writer keeps its first error.
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
