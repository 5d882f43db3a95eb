// Package contacttest helps to test services that work with contacts.
//
// [TestHandler] checks in one call that a service's handler keeps the contract. A [Gen] generates
// contacts, patches, stored documents, and patches with exactly one fault. It takes its choices from a
// random source ([New]) or from a fuzzer's bytes ([FromBytes]). [AddSeeds] adds a corpus to a fuzz
// target.
package contacttest
