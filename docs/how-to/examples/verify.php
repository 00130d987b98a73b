<?php
// Checks the signature of a webhook of Carteiro. PHP 7.4 or newer, no packages.

// How many seconds old a delivery may be. Each try is signed anew, so this only has to cover clocks and the network.
const TOLERANCE = 300;

/**
 * Whether a delivery is from your Carteiro, whole, and new.
 *
 * @param string      $secret    what PUT /v2/webhooks answered, "whsec_" included
 * @param string|null $signature the header X-Signature, which a stranger may leave out: $_SERVER['HTTP_X_SIGNATURE'] ?? null
 * @param string      $body      as it came: file_get_contents('php://input')
 * @param int|null    $now       seconds since 1970
 */
function verify(string $secret, ?string $signature, string $body, ?int $now = null): bool
{
    $time = '';
    $given = [];
    foreach (explode(',', $signature ?? '') as $part) {
        [$name, $value] = array_pad(explode('=', $part, 2), 2, '');
        if ($name === 't') {
            $time = $value;
        } elseif ($name === 'v1') {
            $given[] = $value;
        }
    }
    if (!ctype_digit($time) || abs(($now ?? time()) - (int) $time) > TOLERANCE) {
        return false;
    }
    $expected = hash_hmac('sha256', $time . '.' . $body, $secret);
    // After a change of the secret there are two v1 for a day: one of them is enough.
    foreach ($given as $value) {
        if (hash_equals($expected, $value)) {
            return true;
        }
    }
    return false;
}

// php verify.php < body, with SECRET and SIGNATURE in the environment.
if (PHP_SAPI === 'cli' && realpath($_SERVER['argv'][0]) === __FILE__) {
    $valid = verify((string) getenv('SECRET'), getenv('SIGNATURE') ?: null, (string) file_get_contents('php://stdin'));
    echo $valid ? "valid\n" : "refused\n";
    exit($valid ? 0 : 1);
}
