/* SPDX-License-Identifier: Apache-2.0 */
typedef int fake_is_empty;
