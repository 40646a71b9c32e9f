import rsa

public, private = rsa.newkeys(512)
secret = rsa.encrypt(b"the message", public)
assert rsa.decrypt(secret, private) == b"the message"
for wrong in (b"\0" + secret, b"\0\0\0" + secret):
    try:
        rsa.decrypt(wrong, private)
    except rsa.DecryptionError:
        continue
    raise SystemExit("decrypted a ciphertext of the wrong length")
